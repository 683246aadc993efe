/** What a bot may do in a channel, as Discord computes it: roles of the server, then the channel's own rules. Pure. */

const ADMINISTRATOR = 1n << 3n;

/** What Nightshift needs in its channel, in the words of Discord's settings. */
const NEEDED: readonly (readonly [string, bigint])[] = [
  ['View Channel', 1n << 10n],
  ['Send Messages', 1n << 11n],
  ['Embed Links', 1n << 14n],
  ['Attach Files', 1n << 15n],
  ['Read Message History', 1n << 16n],
  ['Create Public Threads', 1n << 35n],
  ['Send Messages in Threads', 1n << 38n],
];

/** The number in the invite link. */
export const INVITE_PERMISSIONS: string = NEEDED.reduce((sum, [, bit]) => sum | bit, 0n).toString();

export interface PermissionFacts {
  readonly guild: string;
  readonly user: string;
  /** As Discord's API answers. */
  readonly member: unknown;
  readonly roles: unknown;
  readonly channel: unknown;
}

export function channelPermissions(facts: PermissionFacts): bigint {
  const mine = new Set([facts.guild, ...strings((facts.member as { roles?: unknown }).roles)]);
  const base = list(facts.roles)
    .filter((role) => mine.has(text(role, 'id')))
    .reduce((sum, role) => sum | bits(role, 'permissions'), 0n);
  if ((base & ADMINISTRATOR) !== 0n) return ~0n;
  const rules = list((facts.channel as { permission_overwrites?: unknown }).permission_overwrites);
  const apply = (held: bigint, of: readonly Readonly<Record<string, unknown>>[]): bigint => {
    const [deny, allow] = (['deny', 'allow'] as const).map((side) =>
      of.reduce((sum, rule) => sum | bits(rule, side), 0n),
    );
    return (held & ~(deny ?? 0n)) | (allow ?? 0n);
  };
  const everybody = rules.filter((rule) => text(rule, 'id') === facts.guild);
  const byRole = rules.filter((rule) => text(rule, 'id') !== facts.guild && mine.has(text(rule, 'id')));
  const own = rules.filter((rule) => text(rule, 'id') === facts.user);
  return apply(apply(apply(base, everybody), byRole), own);
}

/** In the words of Discord's settings. */
export function missingPermissions(held: bigint): readonly string[] {
  return NEEDED.filter(([, bit]) => (held & bit) === 0n).map(([name]) => name);
}

function list(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? (value as readonly Readonly<Record<string, unknown>>[]) : [];
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function text(of: Readonly<Record<string, unknown>>, key: string): string {
  return typeof of[key] === 'string' ? of[key] : '';
}

function bits(of: Readonly<Record<string, unknown>>, key: string): bigint {
  const value = text(of, key);
  return /^\d{1,20}$/.test(value) ? BigInt(value) : 0n;
}
