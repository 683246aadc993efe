/** The real discord.js in its worker thread against the strict double of Discord: the gateway's weather. */
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/chat.ts';
import { closeSurfaces, startedDiscord } from '../support/chat-surfaces.ts';
import type { DiscordDouble } from '../support/discord-double.ts';

const ADA = { user: '600000000000000002', roles: ['400000000000000001'] };

afterEach(closeSurfaces);

/** A person can talk to the bot. */
async function hears(discord: DiscordDouble): Promise<void> {
  const typed = discord.command(ADA, 'ops status');
  await eventually(() => typed.answers.length === 1, 3_000);
}

describe('createDiscordSurface: weather', () => {
  it('resumes after a TCP reset, misses nothing, and tells nobody of it', async () => {
    const { discord, inbound } = await startedDiscord();

    discord.gateway.drop();
    const typed = discord.command(ADA, 'ops status');

    await eventually(() => typed.answers.length === 1);
    expect(discord.gateway.resumes()).toBe(1);
    expect(inbound.state()).toBe('up');
  });

  it('resumes when it is told to reconnect', async () => {
    const { discord } = await startedDiscord();

    discord.gateway.reconnect();

    await eventually(() => discord.gateway.resumes() === 1);
    await hears(discord);
  });

  it('identifies anew after an invalid session', async () => {
    const { discord } = await startedDiscord();

    discord.gateway.invalidSession();

    await eventually(() => discord.gateway.identifies() === 2);
    await hears(discord);
  });

  it('notices a connection that stays open and says nothing', async () => {
    const { discord, inbound } = await startedDiscord();

    discord.gateway.freeze();

    await eventually(() => discord.gateway.identifies() === 2, 12_000);
    await eventually(() => inbound.state() === 'up');
    await hears(discord);
  });

  it('gives up a session that never resumes, and starts anew', async () => {
    const { discord, inbound } = await startedDiscord();
    discord.gateway.withholdResumed(true);

    discord.gateway.drop();
    await eventually(() => inbound.told.some(({ reason }) => reason.includes('No session with Discord')));

    discord.gateway.withholdResumed(false);
    await eventually(() => inbound.state() === 'up');
    await hears(discord);
  });
});
