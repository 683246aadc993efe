/** What the bot token must be allowed to do. Apart from the SDK, so that asking this loads none of it. */
import type { SlackOptions } from './options.ts';

/** Those without which something that is configured does not work. */
export function neededScopes(options: Pick<SlackOptions, 'groups' | 'pictures'>): readonly string[] {
  return [
    'chat:write',
    'commands',
    ...(options.pictures ? ['files:write'] : []),
    ...(options.groups.length > 0 ? ['usergroups:read'] : []),
  ];
}
