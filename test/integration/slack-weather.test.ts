/** The real Bolt in its worker thread against the strict double of Slack: outages. */
import { afterEach, describe, expect, it } from 'vitest';
import { card, eventually } from '../support/chat.ts';
import { closeSurfaces, faultOf, setUpSlack, startedSlack } from '../support/chat-surfaces.ts';
import type { SlackDouble } from '../support/slack-double.ts';

afterEach(closeSurfaces);

/** A person can talk to the bot. */
async function hears(slack: SlackDouble): Promise<boolean> {
  return (await slack.command({ user: 'U0ADA', text: 'status' })).acked;
}

describe('createSlackSurface: weather', () => {
  it('misses nothing when Slack refreshes the connection', async () => {
    const { slack, inbound } = await startedSlack();

    slack.refresh();
    const acked: boolean[] = [];
    for (let n = 0; n < 20; n += 1) acked.push(await hears(slack));

    expect(acked.filter((ok) => !ok).length).toBeLessThanOrEqual(1);
    expect(inbound.told.at(-1)?.state).toBe('up');
  });

  it('is back within a second after a TCP reset, and tells nobody of it', async () => {
    const { slack, inbound } = await startedSlack();

    slack.drop();
    const droppedAt = Date.now();
    await eventually(() => slack.opened() === 2 && slack.sockets() === 1);

    expect(Date.now() - droppedAt).toBeLessThan(1_500);
    await eventually(() => hears(slack));
    expect(inbound.state()).toBe('up');
  });

  it('notices a connection that stays open and says nothing', async () => {
    const { slack } = await startedSlack();

    slack.freeze();

    await eventually(() => slack.opened() >= 2);
    await eventually(() => hears(slack));
  });

  it('does not wait for ever for a hello', async () => {
    const { slack, inbound, start } = await setUpSlack();
    slack.withholdHello(true);
    await start();
    await eventually(() => inbound.state() === 'down');
    expect(inbound.told.at(-1)?.reason).toBe('Slack took the connection but never said hello.');

    slack.withholdHello(false);

    await eventually(() => inbound.state() === 'up');
  });

  it('is shown down while Slack is gone, and comes back by itself', async () => {
    const { slack, surface, inbound } = await startedSlack();

    await slack.goDown();
    await eventually(() => inbound.state() === 'down');
    expect((await faultOf(surface.put(card(), null))).kind).toBe('unreachable');
    await slack.comeBack();
    const backAt = Date.now();
    await eventually(() => inbound.state() === 'up');

    expect(Date.now() - backAt).toBeLessThan(2_000);
    await surface.put(card(), null);
    expect(await hears(slack)).toBe(true);
  });

  it('comes back after refused upgrades and HTTP 500', async () => {
    const { slack, inbound } = await startedSlack();
    slack.refuseUpgrade(408);
    slack.weather('apps.connections.open', { status: 500 }, 3);
    slack.drop();
    await eventually(() => inbound.state() !== 'up');

    slack.refuseUpgrade(null);

    await eventually(() => inbound.state() === 'up');
  });

  it('waits when Slack holds too many connections of the app', async () => {
    const { slack, inbound } = await startedSlack();

    slack.refresh('too_many_websockets');

    await eventually(() => slack.opened() === 2);
    await eventually(() => inbound.state() === 'up' && slack.sockets() === 1);
  });

  it('takes one refused token for Slack’s own trouble', async () => {
    const { slack, inbound } = await startedSlack();
    slack.weather('apps.connections.open', { error: 'invalid_auth' }, 1);

    slack.drop();

    await eventually(() => slack.sockets() === 1);
    expect(inbound.told.some(({ state }) => state === 'down')).toBe(false);
  });

  it.each(['invalid_auth', 'token_revoked'])(
    'stops on %s, says so, and the process lives on',
    async (error) => {
      const { slack, surface, inbound, start } = await setUpSlack();
      slack.weather('apps.connections.open', { error }, 1_000);
      slack.weather('auth.test', { error }, 1_000);

      await start();
      await eventually(() => inbound.state() === 'down');
      await new Promise((resolve) => setTimeout(resolve, 500)); // what was on its way has arrived
      const asked = slack.calls.length;
      await new Promise((resolve) => setTimeout(resolve, 1_200));

      expect(inbound.told.at(-1)?.reason).toBe(
        `Slack refuses the token: ${error}. Put a new one in and restart or reload.`,
      );
      expect(slack.calls.length).toBe(asked);
      expect((await faultOf(surface.put(card(), null))).reason).toContain(error);
    },
  );

  it('notices a bot token that is revoked while nothing is sent', async () => {
    const { slack, inbound } = await startedSlack();

    slack.weather('auth.test', { error: 'token_revoked' }, 1_000);

    await eventually(() => inbound.told.at(-1)?.reason.includes('token_revoked'));
  });

  it('rebuilds the thread when a message of Slack makes the SDK throw, and the process lives on', async () => {
    const { slack, surface, inbound, log } = await startedSlack();
    const placed = await surface.put(card(), null);

    slack.sendRaw('{"type":"events_api","envelope_id":"e1"}');
    await eventually(() => inbound.told.some(({ state }) => state === 'down'));
    await eventually(() => inbound.state() === 'up');

    expect(log.lines.some(({ message }) => message === 'surface thread died')).toBe(true);
    await surface.put(card({ version: 2, word: 'Healing' }), placed);
    expect(slack.roots()).toHaveLength(1);
    expect(await hears(slack)).toBe(true);
  });
});
