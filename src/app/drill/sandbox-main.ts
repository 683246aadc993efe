/**
 * The bot of a drill: the product as it is, in a process of its own, that ends when whoever runs the drill is gone.
 *
 *     node dist/app/drill/sandbox-main.js PARENT_PID
 */
import { seconds } from '../../domain/units.ts';
import { createSystemClock } from '../../platform/clock.ts';
import { start } from '../start.ts';

const LOOK_EVERY = seconds(2);

const parent = Number(process.argv[2]);
createSystemClock().every(LOOK_EVERY, () => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
});
process.exitCode = await start(['--production'], { begunAfter: 0 });
// What still waits (the look at the parent) must not keep it alive.
process.exit();
