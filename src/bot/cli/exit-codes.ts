/** How a command ended, as a number for scripts: 0 done, 1 failed, 2 bad usage or config, 3 refused, 4 nothing to act on. */
import type { Reply, ReplyCode } from '../commands/command.ts';

const EXIT_CODES: Readonly<Record<ReplyCode, number>> = {
  OK: 0,
  FAILED: 1,
  UNKNOWN_COMMAND: 2,
  BAD_OPTION: 2,
  FORBIDDEN: 3,
  REFUSED: 3,
  NOT_FOUND: 4,
};

/** @param command The words of the command, or `null` where none was understood. */
export function exitCodeOf(reply: Pick<Reply, 'code'>, command: string | null): number {
  const isBadConfig = command === 'config validate' && reply.code === 'FAILED';
  return isBadConfig ? 2 : EXIT_CODES[reply.code];
}
