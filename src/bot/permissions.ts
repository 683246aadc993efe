/**
 * Who may do what: platform ids to people and roles. Pure, and it fails closed: somebody whom the configuration
 * does not name is a viewer, whatever the display name says. An approver list that is empty means nobody.
 */
import { type Actor, ROLES, type Role } from '../domain/approval.ts';
import type { BotConfig, TokenScope } from './config.ts';
import type { ChatSurfaceId, PlatformUser } from './surface.ts';

/** Whoever holds the local token, or the data folder, holds the host: every role. */
const LOCAL_ID = 'local-token';

/** The person of the local token where nobody in `people` is marked `local`. */
const LOCAL_PERSON = 'local';

const SCOPE_ROLES: Readonly<Record<TokenScope, readonly Role[]>> = {
  read: ['viewer'],
  act: ['viewer', 'responder', 'operator'],
  approve: ['viewer', 'approver'],
};

type People = Pick<BotConfig, 'people' | 'groups'>;

/** The actor behind a platform's verified ids. */
export function chatActor(surface: ChatSurfaceId, user: PlatformUser, config: People): Actor {
  const person = config.people.find((entry) => entry[surface].includes(user.id));
  const groupRoles = config.groups
    .filter((entry) => groupIds(entry, surface).some((id) => user.groups.includes(id)))
    .map((entry) => entry.role);
  return {
    surface,
    id: user.id,
    display: user.display,
    person: person?.name ?? null,
    roles: roleSet(['viewer', ...(person?.roles ?? []), ...groupRoles]),
  };
}

/** The holder of the local token, at the terminal, in the console or by the API. */
export function localActor(surface: 'cli' | 'web' | 'api', config: People): Actor {
  const person = config.people.find((entry) => entry.local)?.name ?? LOCAL_PERSON;
  return {
    surface,
    id: LOCAL_ID,
    display: person === LOCAL_PERSON ? 'the local token' : person,
    person,
    roles: ROLES,
  };
}

/** The holder of a scoped token. It is nobody's person: a program's yes never counts as a second one. */
export function tokenActor(token: { readonly name: string; readonly scopes: readonly TokenScope[] }): Actor {
  return {
    surface: 'api',
    id: `token:${token.name}`,
    display: token.name,
    person: null,
    roles: roleSet(token.scopes.flatMap((scope) => SCOPE_ROLES[scope])),
  };
}

/** `slack:ada`: how the audit log and the supervisor know an actor. */
export function actorLabel(actor: Actor): string {
  return `${actor.surface}:${actor.person ?? actor.id}`;
}

/** The mapped people; as shipped the holder of the local token alone. */
export function mappedPeople(config: People): readonly string[] {
  return config.people.length === 0 ? [LOCAL_PERSON] : config.people.map((entry) => entry.name);
}

function groupIds(entry: People['groups'][number], surface: ChatSurfaceId): readonly string[] {
  return surface === 'slack' ? entry.slackGroups : entry.discordRoles;
}

/** In the order of the role list, each once. */
function roleSet(roles: readonly Role[]): readonly Role[] {
  return ROLES.filter((role) => roles.includes(role));
}
