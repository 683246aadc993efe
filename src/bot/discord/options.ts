/** What the Discord thread is given: plain data. */

export interface DiscordOptions {
  readonly token: string;
  readonly guild: string;
  /** Where cards go. */
  readonly channel: string;
  /** `https://discord.com/api` or another base of the same form; the version is added by us. */
  readonly apiUrl: string;
  /** Who is called when people are needed, or nobody. */
  readonly mention: DiscordMention | null;
}

export interface DiscordMention {
  readonly kind: 'user' | 'role';
  readonly id: string;
}

export const DISCORD_API_URL = 'https://discord.com/api';
