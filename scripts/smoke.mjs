#!/usr/bin/env node
/**
 * What a newcomer does first: `npm start` in a fresh clone, with no token, service or root. Asserts that /readyz
 * answers 200, that the console link is printed, that SIGTERM ends it with exit 0 in 10 s, and that every
 * command the README shows exists, and that the package of `npm pack` holds what it needs.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const data = mkdtempSync(join(tmpdir(), 'nightshift-smoke-'));
const env = { ...process.env, NIGHTSHIFT_DATA_DIR: data, NIGHTSHIFT_PORT: '0' };

try {
  await startsAndStops();
  readmeCommandsExist();
  packageIsWhole();
} finally {
  rmSync(data, { recursive: true, force: true });
}

async function startsAndStops() {
  const bot = spawn('npm', ['start', '--silent'], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  bot.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  const exited = new Promise((resolve) => bot.once('exit', (code, signal) => resolve({ code, signal })));
  try {
    const url = await until(180_000, () => /(http:\/\/127\.0\.0\.1:\d+)\S*/.exec(output)?.[1]);
    await until(20_000, async () => (await fetch(`${url}/readyz`)).status === 200);
    console.log(`ready at ${url}`);
  } finally {
    bot.kill('SIGTERM');
  }
  const begun = Date.now();
  const end = await Promise.race([exited, wait(15_000).then(() => ({ code: 'still running' }))]);
  if (end.code !== 0)
    throw new Error(`expected exit 0 after SIGTERM, found ${JSON.stringify(end)}\n${output}`);
  console.log(`stopped in ${Date.now() - begun} ms with exit 0`);
}

/** `npm run X` must be a script, `nightshift X` must know `--help`. */
function readmeCommandsExist() {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const [, name] of readme.matchAll(/npm run ([a-z:-]+)/g)) {
    if (scripts[name] === undefined) throw new Error(`README: npm run ${name} does not exist`);
  }
  const commands = new Set(
    [...readme.matchAll(/^(?:npx )?nightshift ((?:[a-z]+ ?){1,2})/gm)].map(([, words]) => words.trim()),
  );
  for (const words of commands) {
    const args = [join(root, 'dist/main.js'), ...words.split(' '), '--help'];
    const done = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`README: nightshift ${words}: ${done.stderr || done.stdout}`);
  }
  console.log(`${commands.size} commands of the README exist`);
}

/** What an installed package needs, and nothing of what only we need. */
function packageIsWhole() {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const done = spawnSync('npm', args, { cwd: root, encoding: 'utf8' });
  const names = JSON.parse(done.stdout)[0].files.map(({ path }) => path);
  const needed = [
    'dist/main.js',
    'dist/page/index.html',
    'scripts/start.mjs',
    'configs/bot.json',
    'configs/schema/bot.schema.json',
    'packaging/nightshift.service',
    'docs/operations.md',
    'LICENSE',
  ];
  const missing = needed.filter((name) => !names.includes(name));
  const foreign = names.filter((name) => /^(src|test|bench|data|node_modules)\/|\.env|\.map$/.test(name));
  if (missing.length > 0) throw new Error(`npm pack: missing ${missing.join(', ')}`);
  if (foreign.length > 0) throw new Error(`npm pack: not meant to be there: ${foreign.join(', ')}`);
  console.log(`the package holds ${names.length} files`);
}

async function until(limit, probe) {
  const end = Date.now() + limit;
  for (;;) {
    const value = await Promise.resolve()
      .then(probe)
      .catch(() => undefined);
    if (value) return value;
    if (Date.now() > end) throw new Error(`nothing after ${limit / 1000} s`);
    await wait(100);
  }
}

function wait(span) {
  return new Promise((resolve) => setTimeout(resolve, span));
}
