import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PICTURES, sceneHashes } from '../../../scripts/write-pictures.ts';
import { discordScene, mailScene, SCENES, slackScene } from '../../support/chat-scenes.ts';
import { checkMessage, isFault } from '../../support/discord-rules.ts';
import { SLACK_METHODS } from '../../support/slack-rules.ts';

const golden = (name: string): string => `../../golden/scenes/${name}`;

describe('the cards of the manual', () => {
  it.each(SCENES)('$name is sent to Slack as it always was, and Slack takes it', async (scene) => {
    const message = slackScene(scene);

    const rule = SLACK_METHODS['chat.postMessage']?.args;
    expect(rule?.safeParse({ channel: 'C1', ...message }).error?.issues ?? []).toEqual([]);
    await expect(`${JSON.stringify(message, null, 2)}\n`).toMatchFileSnapshot(
      golden(`slack-${scene.name}.json`),
    );
  });

  it.each(SCENES)('$name is sent to Discord as it always was, and Discord takes it', async (scene) => {
    const message = discordScene(scene);

    // The attachment is named by an upload of before; Discord's double knows none here.
    const { attachments: _upload, ...shown } = JSON.parse(JSON.stringify(message));
    expect(isFault(checkMessage(shown))).toBe(false);
    await expect(`${JSON.stringify(message, null, 2)}\n`).toMatchFileSnapshot(
      golden(`discord-${scene.name}.json`),
    );
  });

  it('goes out as mail as it always did', async () => {
    const { subject, text, html } = mailScene();

    await expect(`Subject: ${subject}\n\n${text}`).toMatchFileSnapshot(golden('mail.txt'));
    await expect(html).toMatchFileSnapshot(golden('mail.html'));
  });

  it('is what the pictures in the manual show (npm run pictures makes them)', () => {
    expect(JSON.parse(readFileSync(join(PICTURES, 'sources.json'), 'utf8'))).toEqual(sceneHashes());
  });

  it('has a light and a dark picture of each, on a screen and on a phone, small enough for a phone', () => {
    const files = readdirSync(PICTURES).filter((file) => file.endsWith('.png'));

    for (const name of Object.keys(sceneHashes())) {
      expect(files).toContain(`${name}-light.png`);
      expect(files).toContain(`${name}-dark-phone.png`);
    }
    expect(files.filter((file) => statSync(join(PICTURES, file)).size >= 60_000)).toEqual([]);
  });
});
