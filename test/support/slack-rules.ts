/**
 * What Slack refuses, as strict schemas: limits of the Block Kit reference and of the methods' pages. Written
 * from the documentation, apart from the product, so that the two cannot err together.
 */
import { z } from 'zod';

const text = (max: number): z.ZodString => z.string().min(1).max(max);

const plainText = (max: number): z.ZodType =>
  z.strictObject({ type: z.literal('plain_text'), text: text(max), emoji: z.boolean().optional() });

const mrkdwn = (max: number): z.ZodType =>
  z.strictObject({ type: z.literal('mrkdwn'), text: text(max), verbatim: z.boolean().optional() });

const anyText = (max: number): z.ZodType => z.union([plainText(max), mrkdwn(max)]);

const confirm = z.strictObject({
  title: plainText(100),
  text: anyText(300),
  confirm: plainText(30),
  deny: plainText(30),
  style: z.enum(['primary', 'danger']).optional(),
});

const button = z.strictObject({
  type: z.literal('button'),
  text: plainText(75),
  action_id: text(255),
  url: text(3000).optional(),
  value: z.string().max(2000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
  confirm: confirm.optional(),
  accessibility_label: text(75).optional(),
});

const blockId = z.string().max(255).optional();

const block = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('section'),
    block_id: blockId,
    text: anyText(3000).optional(),
    fields: z.array(anyText(2000)).min(1).max(10).optional(),
    accessory: button.optional(),
    expand: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('header'), block_id: blockId, text: plainText(150) }),
  z.strictObject({ type: z.literal('divider'), block_id: blockId }),
  z.strictObject({
    type: z.literal('context'),
    block_id: blockId,
    elements: z.array(anyText(3000)).min(1).max(10),
  }),
  z.strictObject({
    type: z.literal('image'),
    block_id: blockId,
    alt_text: text(2000),
    title: plainText(2000).optional(),
    slack_file: z.strictObject({ id: z.string().regex(/^F[A-Z0-9]{8,}$/) }),
  }),
  z.strictObject({ type: z.literal('actions'), block_id: blockId, elements: z.array(button).min(1).max(25) }),
]);

const blocks = z.array(block).max(50);

const attachment = z.strictObject({
  color: z
    .string()
    .regex(/^(#[0-9a-f]{6}|good|warning|danger)$/i)
    .optional(),
  fallback: z.string().optional(),
  blocks: blocks.optional(),
});

const content = {
  text: z.string().max(40_000).optional(),
  blocks: blocks.optional(),
  attachments: z.array(attachment).max(20).optional(),
  parse: z.enum(['none', 'full', 'client']).optional(),
  link_names: z.enum(['true', 'false', '0', '1']).optional(),
};

const channel = z.string().regex(/^[CGD][A-Z0-9]+$/);
const ts = z.string().regex(/^\d{10}\.\d{6}$/);

const metadata = z
  .string()
  .transform((json) => JSON.parse(json) as unknown)
  .pipe(z.strictObject({ event_type: text(255), event_payload: z.record(z.string(), z.unknown()) }));

const option = z.strictObject({ text: plainText(75), value: text(150) });
const element = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('plain_text_input'),
    action_id: text(255),
    placeholder: plainText(150).optional(),
    initial_value: z.string().max(3000).optional(),
    multiline: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal('static_select'),
    action_id: text(255),
    placeholder: plainText(150).optional(),
    initial_option: option.optional(),
    options: z.array(option).min(1).max(100),
  }),
]);
/** A modal as `views.open` takes it. */
export const modalBody: z.ZodType = z.strictObject({
  type: z.literal('modal'),
  callback_id: text(255),
  private_metadata: z.string().max(3000),
  title: plainText(24),
  submit: plainText(24),
  close: plainText(24),
  blocks: z
    .array(
      z.union([
        block,
        z.strictObject({
          type: z.literal('input'),
          block_id: text(255),
          label: plainText(2000),
          hint: plainText(2000).optional(),
          optional: z.boolean(),
          element,
        }),
      ]),
    )
    .min(1)
    .max(100),
});

/** Arguments of each method; one that is not listed is refused. */
export const SLACK_METHODS: Readonly<Record<string, { scope: string | null; args: z.ZodType }>> = {
  'auth.test': { scope: null, args: z.strictObject({}) },
  'apps.connections.open': { scope: 'connections:write', args: z.strictObject({}) },
  'chat.postMessage': {
    scope: 'chat:write',
    args: z.strictObject({
      channel,
      ...content,
      thread_ts: ts.optional(),
      reply_broadcast: z.enum(['true', 'false']).optional(),
      unfurl_links: z.enum(['true', 'false']).optional(),
      unfurl_media: z.enum(['true', 'false']).optional(),
      metadata: metadata.optional(),
    }),
  },
  'chat.delete': { scope: 'chat:write', args: z.strictObject({ channel, ts }) },
  'chat.scheduleMessage': {
    scope: 'chat:write',
    args: z.strictObject({ channel, post_at: z.string().regex(/^\d{10}$/), text: z.string().max(4_000) }),
  },
  'chat.deleteScheduledMessage': {
    scope: 'chat:write',
    args: z.strictObject({ channel, scheduled_message_id: z.string() }),
  },
  'conversations.history': {
    scope: 'channels:history',
    args: z.strictObject({
      channel,
      limit: z.string().regex(/^\d{1,3}$/),
      include_all_metadata: z.literal('true'),
    }),
  },
  'files.getUploadURLExternal': {
    scope: 'files:write',
    args: z.strictObject({
      filename: text(255),
      length: z.string().regex(/^[1-9]\d*$/),
      alt_txt: z.string().max(1000).optional(),
    }),
  },
  'files.completeUploadExternal': {
    scope: 'files:write',
    args: z.strictObject({ files: z.string() }),
  },
  'files.delete': { scope: 'files:write', args: z.strictObject({ file: z.string().regex(/^F/) }) },
  'views.open': { scope: null, args: z.strictObject({ trigger_id: text(255), view: z.string() }) },
  'chat.update': { scope: 'chat:write', args: z.strictObject({ channel, ts, ...content }) },
  'chat.postEphemeral': {
    scope: 'chat:write',
    args: z.strictObject({
      channel,
      user: z.string().regex(/^[UW][A-Z0-9]+$/),
      ...content,
      thread_ts: ts.optional(),
    }),
  },
  'usergroups.users.list': {
    scope: 'usergroups:read',
    args: z.strictObject({ usergroup: z.string().regex(/^S[A-Z0-9]+$/) }),
  },
};

export const responseUrlBody: z.ZodType = z.strictObject({
  text: z.string().max(40_000).optional(),
  blocks: blocks.optional(),
  response_type: z.enum(['ephemeral', 'in_channel']).optional(),
  replace_original: z.boolean().optional(),
  delete_original: z.boolean().optional(),
});

export interface SlackButton {
  readonly action_id: string;
  readonly value?: string;
  readonly text: { readonly text: string };
  readonly confirm?: { readonly text: { readonly text: string } };
}

/** All buttons of a message, wherever they stand. */
export function buttonsOf(message: {
  readonly blocks: unknown;
  readonly attachments: unknown;
}): SlackButton[] {
  const found: SlackButton[] = [];
  for (const node of objectsIn([message.blocks, message.attachments])) {
    if ('type' in node && node.type === 'button') found.push(node as unknown as SlackButton);
  }
  return found;
}

/** Ids of the files that blocks show. */
export function filesOf(message: { readonly blocks: unknown; readonly attachments: unknown }): string[] {
  return [...objectsIn([message.blocks, message.attachments])].flatMap((node) =>
    'slack_file' in node ? [String((node.slack_file as { id: unknown }).id)] : [],
  );
}

/** Everything a person can read in a message. */
export function readableText(message: {
  readonly text?: unknown;
  readonly blocks?: unknown;
  readonly attachments?: unknown;
}): string {
  const found: string[] = [String(message.text ?? '')];
  for (const node of objectsIn([message.blocks, message.attachments])) {
    if ('text' in node && typeof node.text === 'string') found.push(node.text);
  }
  return found.join('\n');
}

function* objectsIn(node: unknown): Generator<object> {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) yield node;
  for (const each of Object.values(node)) yield* objectsIn(each);
}
