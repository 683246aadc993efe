#!/usr/bin/env node
/**
 * `npm start`: builds what is missing or older than its source, then becomes the bot (same process, so that
 * signals and exit codes are the bot's own; the `exec` in package.json takes the shell of npm out of their way).
 * `npm pack` calls it with `--build`, which ends there. In an installed package there is no source and nothing to build.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, 'dist', '.built');
const commands = process.argv.slice(2);

if (existsSync(join(root, 'src', 'main.ts'))) buildWhatIsMissing();
if (commands[0] === '--build') process.exit(0);
const { main } = await import(join(root, 'dist', 'main.js'));
const first = commands[0];
const argv = first === undefined || first.startsWith('-') ? ['start', ...commands] : commands;
process.exitCode = await main(argv, performance.now());

function buildWhatIsMissing() {
  const stamp = sourceStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  if (!existsSync(join(root, 'node_modules', 'typescript'))) {
    fail('Nightshift is not built and its build tools are not installed. Run: npm ci');
  }
  process.stderr.write('Building Nightshift (once, some seconds) …\n');
  run(join('node_modules', 'typescript', 'bin', 'tsc'), ['-p', 'tsconfig.build.json']);
  run(join('node_modules', 'vite', 'bin', 'vite.js'), ['build', 'src/bot/web/page', '--logLevel', 'warn']);
  writeFileSync(stampFile, stamp);
}

/** Names, sizes and times of all sources: any change means a new build. */
function sourceStamp() {
  const hash = createHash('sha256');
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).sort();
  for (const file of [
    ...files.map((name) => join('src', name)),
    'tsconfig.build.json',
    'package-lock.json',
  ]) {
    const info = statSync(join(root, file));
    if (info.isFile()) hash.update(`${file} ${info.size} ${info.mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function run(script, args) {
  const done = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (done.status !== 0) fail(`The build failed (${script}).`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
