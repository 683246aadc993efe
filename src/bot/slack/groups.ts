/**
 * Which of the user groups that carry roles somebody is in, by Slack's own lists. Kept for a minute. Fails
 * closed: a list that cannot be read has no members.
 */
import type { Clock, Logger } from '../../domain/ports.ts';
import { type Ms, minutes } from '../../domain/units.ts';

const KEPT: Ms = minutes(1);

export interface GroupBook {
  of(user: string): Promise<readonly string[]>;
}

/** @param members Reads the members of one group; rejects when it cannot. */
export function createGroupBook(
  groups: readonly string[],
  members: (group: string) => Promise<readonly string[]>,
  deps: { readonly clock: Clock; readonly log: Logger },
): GroupBook {
  const { clock, log } = deps;
  const lists = new Map<string, { readonly users: Promise<ReadonlySet<string>>; readonly until: number }>();

  async function read(group: string): Promise<ReadonlySet<string>> {
    try {
      return new Set(await members(group));
    } catch (cause) {
      lists.delete(group);
      log.warn('slack user group unreadable', { group, error: String(cause) });
      return new Set();
    }
  }

  function list(group: string): Promise<ReadonlySet<string>> {
    const kept = lists.get(group);
    if (kept !== undefined && kept.until > clock.monotonic()) return kept.users;
    const users = read(group);
    lists.set(group, { users, until: clock.monotonic() + KEPT });
    return users;
  }

  return {
    async of(user) {
      const found = await Promise.all(
        groups.map(async (group) => ((await list(group)).has(user) ? group : null)),
      );
      return found.filter((group) => group !== null);
    },
  };
}
