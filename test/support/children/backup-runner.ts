/** Makes a backup or a restore and ends itself with SIGKILL at the given step of it; for tests of what is left then. */
import { backupSite } from '../backup-site.ts';
import { actor } from '../builders.ts';

const [folder = '', what = '', step = '0'] = process.argv.slice(2);
const site = backupSite(folder);
let seen = 0;
const options = {
  onProgress: (): void => {
    seen += 1;
    if (seen === Number(step)) process.kill(process.pid, 'SIGKILL');
  },
};
const ALL = { backup: process.argv[5] ?? 'latest', sections: [], path: null };
if (what === 'create') await site.backup.create(null, [], options);
if (what === 'restore') await site.backup.restore(ALL, actor(), options);
if (what === 'guided') {
  await site.backup.restore(ALL, actor(), options, 'guided');
  for (let left = 2; left > 0; left -= 1) await site.backup.next(actor(), options);
}
if (what === 'verify') await site.backup.verify('latest', options);
if (what === 'drill') await site.backup.drill('latest', options);
process.stdout.write(`done ${seen}\n`);
