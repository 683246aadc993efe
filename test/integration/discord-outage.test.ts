/** The real discord.js in its worker thread against the strict double of Discord: outages, refusals, crashes. */
import { afterEach, describe, expect, it } from 'vitest';
import { ms } from '../../src/domain/units.ts';
import { card, eventually } from '../support/chat.ts';
import { closeSurfaces, faultOf, setUpDiscord, startedDiscord } from '../support/chat-surfaces.ts';
import type { DiscordDouble } from '../support/discord-double.ts';

const ADA = { user: '600000000000000002', roles: ['400000000000000001'] };

afterEach(closeSurfaces);

/** A person can talk to the bot. */
async function hears(discord: DiscordDouble): Promise<void> {
  const typed = discord.command(ADA, 'ops status');
  await eventually(() => typed.answers.length === 1, 3_000);
}

describe('createDiscordSurface: outages', () => {
  it('is shown down while Discord is gone, and comes back by itself', async () => {
    const { discord, surface, inbound } = await startedDiscord();

    await discord.goDown();
    await eventually(() => inbound.state() === 'down');
    expect((await faultOf(surface.put(card(), null))).kind).toBe('unreachable');
    await discord.comeBack();

    await eventually(() => inbound.state() === 'up', 12_000);
    await surface.put(card(), null);
    await hears(discord);
  });

  it('comes up when Discord is gone at the start and comes later', async () => {
    const { discord, inbound, start } = await setUpDiscord();
    await discord.goDown();
    await start();
    await eventually(() => inbound.state() === 'down');

    await discord.comeBack();

    await eventually(() => inbound.state() === 'up', 12_000);
  });

  it('does not hang at the start when the gateway never says hello', async () => {
    const { discord, inbound, start } = await setUpDiscord({}, { helloWithin: ms(800) });
    discord.gateway.withholdHello(true);

    await start();

    await eventually(() => inbound.state() === 'down');
  });

  it('says what it could not before, after one 401', async () => {
    const { discord, surface, inbound } = await startedDiscord();
    discord.weather(/^POST .*\/messages$/, { status: 401 });

    await surface.put(card(), null);

    expect(discord.posts).toHaveLength(1);
    expect(inbound.state()).toBe('up');
  });

  it('stops on a revoked token, says so, and the process lives on', async () => {
    const { discord, surface, inbound } = await startedDiscord();

    discord.revoke();
    await surface.put(card(), null).catch(() => {});
    await eventually(() => inbound.state() === 'down');
    const asked = discord.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 1_200));

    expect(inbound.told.at(-1)?.reason).toContain('Discord refuses the token');
    expect(discord.calls.length).toBe(asked);
  });

  it('stops on a token that was never right', async () => {
    const { inbound, start } = await setUpDiscord({ token: 'wrong.token.altogether' });

    await start();

    await eventually(() => inbound.state() === 'down');
    expect(inbound.told.at(-1)?.reason).toContain('Discord refuses the token');
  });

  it.each([4004, 4014])('stops on close code %d, says so, and identifies no more', async (code) => {
    const { discord, inbound } = await startedDiscord();

    discord.gateway.close(code);
    await eventually(() => inbound.state() === 'down');
    await new Promise((resolve) => setTimeout(resolve, 1_000));

    expect(inbound.told.at(-1)?.reason).toContain(String(code));
    expect(discord.gateway.identifies()).toBe(1);
  });

  it('rebuilds the thread when a message of Discord makes the SDK throw, and the process lives on', async () => {
    const { discord, surface, inbound, log } = await startedDiscord();
    const placed = await surface.put(card(), null);

    discord.gateway.sendRaw('{"op":0,"s":99,"t":"INTERACTION_CREATE","d":null}');
    await eventually(() => log.lines.some(({ message }) => message === 'surface thread died'));
    await eventually(() => inbound.state() === 'up');

    await surface.put(card({ version: 2, word: 'Healing' }), placed);
    expect(discord.in(discord.channel)).toHaveLength(1);
    await hears(discord);
  });
});
