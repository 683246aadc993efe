/**
 * Who may read and write what Nightshift keeps: configuration that nobody else may change, secrets that nobody else
 * may read, a data folder that we may write. On Windows modes say nothing and are not looked at.
 */
import { access, constants, readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { counted } from '../../bot/figures.ts';
import type { DoctorAnswer, DoctorCheck } from '../../domain/doctor.ts';
import { codeOf } from '../../platform/durable-file.ts';
import { isFreshFolder } from '../../platform/own-folder.ts';
import { unseal } from '../../platform/state-envelope.ts';
import { nearestFolder } from './host-checks.ts';
import { finding, ok, type Subject, skipped } from './subject.ts';

/** Group and others, read or write. */
const NOT_PRIVATE = 0o066;
const WORLD_WRITE = 0o002;
const HAS_MODES = process.platform !== 'win32';

/** A file that holds a secret, and where it is named. */
interface SecretFile {
  readonly path: string;
  readonly namedBy: string;
}

export function fileChecks(subject: Subject): readonly DoctorCheck[] {
  const { env, workingFolder } = subject;
  const dotEnv = join(workingFolder, '.env');
  const token = join(env.dataFolder, 'token');
  return [
    { name: 'config folder', run: () => checkConfigFolder(env.configFolder) },
    { name: 'data folder', run: () => checkDataFolder(env.dataFolder) },
    { name: '.env', run: () => checkPrivate(dotEnv, 'There is no .env file.') },
    { name: 'token file', run: () => checkPrivate(token, 'It is made at the first start.') },
    { name: 'state', run: () => checkState(join(env.dataFolder, 'state')) },
    ...secretFiles(subject).map(({ path, namedBy }) => ({
      name: `secret of ${namedBy}`,
      run: () => checkSecret(path),
    })),
  ];
}

async function checkConfigFolder(folder: string): Promise<DoctorAnswer> {
  const mode = await modeOf(folder);
  if (mode === null) {
    return finding(
      `There is no folder ${folder}; the defaults are in force.`,
      'Make it with: nightshift init, or set NIGHTSHIFT_CONFIG_DIR.',
    );
  }
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const paths = [folder, ...names.map((name) => join(folder, name))];
  const modes = await Promise.all(paths.map(async (path) => ({ path, mode: (await modeOf(path)) ?? 0 })));
  const open = modes.filter((each) => HAS_MODES && (each.mode & WORLD_WRITE) !== 0);
  if (open.length === 0) return ok(`${folder} cannot be written by others.`);
  const list = open.map(({ path }) => path).join(' ');
  return finding('Everybody may change the configuration.', `Run: chmod o-w ${list}`);
}

async function checkDataFolder(folder: string): Promise<DoctorAnswer> {
  const mode = await modeOf(folder);
  const nearest = await nearestFolder(folder);
  const isWritable = await access(nearest, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!isWritable) {
    const mend = `Give it to the user of the bot: chown -R USER ${nearest}, or set NIGHTSHIFT_DATA_DIR.`;
    return finding(`${nearest} cannot be written.`, mend);
  }
  if (mode === null) return ok(`${folder} is made at the first start.`);
  if (await isFreshFolder(folder)) return ok(`${folder} is closed to others at the first start.`);
  if (HAS_MODES && (mode & 0o077) !== 0) {
    return finding(`Others can look into ${folder}.`, `Run: chmod 700 ${folder}`);
  }
  return ok(`${folder} is ours alone.`);
}

async function checkPrivate(path: string, whereMissing: string): Promise<DoctorAnswer> {
  const mode = await modeOf(path);
  if (mode === null) return ok(whereMissing);
  if (HAS_MODES && (mode & NOT_PRIVATE) !== 0) {
    return finding(`Others can read ${path}.`, `Run: chmod 600 ${path}, and change the secrets in it.`);
  }
  return ok(`${path} is readable by its owner only.`);
}

async function checkSecret(path: string): Promise<DoctorAnswer> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.trim() === '') return finding(`${path} is empty.`, 'Put the secret into it.');
  } catch (cause) {
    const mend =
      'Write the secret there (mode 600, owned by the user of the bot), or mend the name in bot.json.';
    return finding(`${path} cannot be read (${codeOf(cause)}).`, mend);
  }
  return checkPrivate(path, '');
}

function secretFiles({ bot, env }: Subject): readonly SecretFile[] {
  const { sources, sinks } = bot.webhooks;
  const named: readonly (readonly [string, string | undefined])[] = [
    ...sources.flatMap((one) => [
      [`the source ${one.source}`, one.tokenFile] as const,
      [`the source ${one.source}`, one.secretFile] as const,
    ]),
    ...sinks.flatMap((one) => [
      [`the sink ${one.name}`, one.urlFile] as const,
      [`the sink ${one.name}`, one.secretFile] as const,
    ]),
    ...bot.tokens.map((one) => [`the token ${one.name}`, one.tokenFile] as const),
  ];
  return named.flatMap(([namedBy, file]) =>
    file === undefined ? [] : [{ path: resolve(env.configFolder, file), namedBy }],
  );
}

/** A document that cannot be read is put aside by the bot; both are told here, and nothing is moved. */
async function checkState(folder: string): Promise<DoctorAnswer> {
  const names = await readdir(folder).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return null;
    throw cause;
  });
  if (names === null) return skipped('No bot has run on this data folder yet.');
  const documents = names.filter((name) => name.endsWith('.json'));
  const bad = (await Promise.all(documents.map((name) => whyBad(folder, name)))).filter(
    (reason) => reason !== null,
  );
  if (bad.length > 0) {
    const mend = `Stop the bot, keep the file, put ${folder}/NAME.json.bak in its place or restore it: nightshift restore --section state`;
    return finding(bad.join(' '), mend);
  }
  const aside = names.filter((name) => name.includes('.corrupt-'));
  if (aside.length === 0) return ok(`${counted(documents.length, 'state document')} can be read.`);
  const mend = `Look at what is in it, then remove it: rm ${aside.map((name) => join(folder, name)).join(' ')}`;
  return finding(`Put aside because it could not be read: ${aside.join(', ')}.`, mend);
}

async function whyBad(folder: string, name: string): Promise<string | null> {
  try {
    const read = unseal(await readFile(join(folder, name), 'utf8'), (data) => data);
    return read.kind === 'bad' ? `${name} cannot be used: ${read.reason}.` : null;
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null; // the bot has just put it aside
    return `${name} cannot be read (${codeOf(cause)}).`;
  }
}

async function modeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mode;
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null;
    throw cause;
  }
}
