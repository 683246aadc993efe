/** Makes a backup or a restore and ends itself with SIGKILL at the given step of it; for tests of what is left then. */
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { backupSite } from '../backup-site.ts';
import { actor } from '../builders.ts';

const [folder = '', what = '', step = '0'] = process.argv.slice(2);
const site = backupSite(folder, {}, what === 'handover' ? { restart: () => {} } : {});
let seen = 0;

function count(): void {
  seen += 1;
  if (seen === Number(step)) process.kill(process.pid, 'SIGKILL');
}

/** From here on a step is each call that may change a file of a restore: its journal, its lists, its folders. */
function countFileCalls(): void {
  for (const name of ['open', 'link', 'rename', 'rm', 'mkdir', 'rmdir', 'unlink'] as const) {
    const call = fs[name] as (...words: unknown[]) => Promise<unknown>;
    Object.assign(fs, {
      [name]: (...words: unknown[]) => {
        if (String(words[0]).includes('restore')) count();
        return call(...words);
      },
    });
  }
  syncBuiltinESMExports();
}

const options = what === 'handover' ? {} : { onProgress: count };
const ALL = { backup: process.argv[5] ?? 'latest', sections: [], path: null };
if (what === 'create') await site.backup.create(null, [], options);
if (what === 'restore') await site.backup.restore(ALL, actor(), options);
if (what === 'guided') {
  await site.backup.restore(ALL, actor(), options, 'guided');
  for (let left = 2; left > 0; left -= 1) await site.backup.next(actor(), options);
}
if (what === 'handover') {
  countFileCalls();
  await site.backup.restore(ALL, actor());
  process.stdout.write(`handed over after ${seen}\n`);
  await backupSite(folder).backup.finishHandedOver();
}
if (what === 'verify') await site.backup.verify('latest', options);
if (what === 'drill') await site.backup.drill('latest', options);
process.stdout.write(`done ${seen}\n`);
