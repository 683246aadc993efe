/**
 * What Discord refuses, as strict schemas: limits of the developer documentation. Written from it, apart from
 * the product, so that the two cannot err together.
 */
import { z } from 'zod';

export interface ButtonBody {
  readonly type: 2;
  readonly style: number;
  readonly label?: string | undefined;
  readonly custom_id?: string | undefined;
  readonly url?: string | undefined;
  readonly disabled?: boolean | undefined;
}

interface EmbedBody {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly color?: number | undefined;
  readonly fields?: readonly { readonly name: string; readonly value: string }[] | undefined;
  readonly footer?: { readonly text: string } | undefined;
  readonly image?: { readonly url: string } | undefined;
}

export interface DoubleAttachment {
  readonly id: string;
  readonly filename: string;
  readonly description: string;
  readonly size: number;
}

export interface MessageBody {
  readonly content?: string | null | undefined;
  readonly embeds?: readonly EmbedBody[] | null | undefined;
  readonly components?:
    | readonly { readonly type: 1; readonly components: readonly ButtonBody[] }[]
    | null
    | undefined;
  readonly allowed_mentions?:
    | {
        readonly parse?: readonly string[] | undefined;
        readonly users?: readonly string[] | undefined;
        readonly roles?: readonly string[] | undefined;
      }
    | null
    | undefined;
  readonly flags?: number | null | undefined;
  readonly nonce?: string | undefined;
  readonly enforce_nonce?: boolean | undefined;
  readonly message_reference?: { readonly message_id: string } | undefined;
  readonly attachments?:
    | readonly {
        readonly id: string | number;
        readonly filename?: string | undefined;
        readonly description?: string | undefined;
      }[]
    | undefined;
}

export interface RegisteredCommand {
  readonly name: string;
  readonly description: string;
  readonly default_member_permissions?: string | null | undefined;
  readonly options: readonly AnyOption[];
}

const snowflake = z.string().regex(/^\d{15,20}$/);

const embed = z.strictObject({
  title: z.string().max(256).optional(),
  description: z.string().max(4096).optional(),
  url: z.string().optional(),
  color: z.number().int().min(0).max(0xff_ff_ff).optional(),
  timestamp: z.string().optional(),
  fields: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(256),
        value: z.string().min(1).max(1024),
        inline: z.boolean().optional(),
      }),
    )
    .max(25)
    .optional(),
  footer: z.strictObject({ text: z.string().min(1).max(2048), icon_url: z.string().optional() }).optional(),
  image: z.strictObject({ url: z.string() }).optional(),
});

const button: z.ZodType<ButtonBody> = z.strictObject({
  type: z.literal(2),
  style: z.number().int().min(1).max(5),
  label: z.string().min(1).max(80).optional(),
  custom_id: z.string().min(1).max(100).optional(),
  url: z.string().max(512).optional(),
  disabled: z.boolean().optional(),
});

const row = z.strictObject({ type: z.literal(1), components: z.array(button).min(1).max(5) });

const message: z.ZodType<MessageBody> = z.strictObject({
  content: z.string().max(2000).nullish(),
  embeds: z.array(embed).max(10).nullish(),
  components: z.array(row).max(5).nullish(),
  allowed_mentions: z
    .strictObject({
      parse: z.array(z.enum(['roles', 'users', 'everyone'])).optional(),
      users: z.array(snowflake).max(100).optional(),
      roles: z.array(snowflake).max(100).optional(),
      replied_user: z.boolean().optional(),
    })
    .nullish(),
  flags: z.number().int().nullish(),
  tts: z.boolean().optional(),
  attachments: z
    .array(
      z.strictObject({
        id: z.union([z.string(), z.number()]),
        filename: z.string().optional(),
        description: z.string().max(1024).optional(),
      }),
    )
    .max(10)
    .optional(),
  nonce: z.string().max(25).optional(),
  enforce_nonce: z.boolean().optional(),
  message_reference: z
    .strictObject({
      message_id: snowflake,
      channel_id: snowflake.optional(),
      guild_id: snowflake.optional(),
      fail_if_not_exists: z.boolean().optional(),
    })
    .optional(),
});

export interface DiscordFault {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

/** The message, or what Discord answers instead. */
export function checkMessage(body: unknown): MessageBody | DiscordFault {
  const parsed = message.safeParse(body);
  if (!parsed.success)
    return invalid(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  const { data } = parsed;
  const buttons = buttonsOf(data);
  const faults = [
    embedSize(data) > 6000 ? 'MAX_EMBED_SIZE_EXCEEDED' : '',
    new Set(buttons.map(({ custom_id }) => custom_id)).size === buttons.length
      ? ''
      : 'COMPONENT_CUSTOM_ID_DUPLICATED',
    buttons.some((each) => (each.style === 5 ? each.url === undefined : each.custom_id === undefined))
      ? 'BASE_TYPE_REQUIRED'
      : '',
  ].filter((fault) => fault !== '');
  return faults.length === 0 ? data : invalid(faults);
}

export function isFault(value: MessageBody | DiscordFault): value is DiscordFault {
  return 'status' in value;
}

export function isEmpty(body: MessageBody): boolean {
  return (body.content ?? '') === '' && (body.embeds ?? []).length === 0;
}

export function buttonsOf(body: Pick<MessageBody, 'components'>): readonly ButtonBody[] {
  return (body.components ?? []).flatMap(({ components }) => components);
}

/** Everything a person can read in a message. */
export function readable(body: MessageBody): string {
  const embeds = (body.embeds ?? []).flatMap((each) => [
    each.title ?? '',
    each.description ?? '',
    ...(each.fields ?? []).flatMap(({ name, value }) => [name, value]),
    each.footer?.text ?? '',
  ]);
  return [body.content ?? '', ...embeds, ...buttonsOf(body).map(({ label }) => label ?? '')]
    .filter((text) => text !== '')
    .join('\n');
}

function embedSize(body: MessageBody): number {
  const texts = (body.embeds ?? []).flatMap((each) => [
    each.title ?? '',
    each.description ?? '',
    each.footer?.text ?? '',
    ...(each.fields ?? []).flatMap(({ name, value }) => [name, value]),
  ]);
  return texts.reduce((sum, text) => sum + text.length, 0);
}

const optionName = z.string().regex(/^[-_'\p{Ll}\p{Lm}\p{Lo}\p{N}]{1,32}$/u);
const description = z.string().min(1).max(100);

const leaf = z.strictObject({
  type: z.number().int().min(3).max(11),
  name: optionName,
  description,
  required: z.boolean().optional(),
  choices: z
    .array(
      z.strictObject({ name: z.string().min(1).max(100), value: z.union([z.string().max(100), z.number()]) }),
    )
    .max(25)
    .optional(),
});
const subCommand = z.strictObject({
  type: z.literal(1),
  name: optionName,
  description,
  options: z.array(leaf).max(25).optional(),
});
const group = z.strictObject({
  type: z.literal(2),
  name: optionName,
  description,
  options: z.array(subCommand).min(1).max(25),
});

const commandsBody: z.ZodType<readonly RegisteredCommand[]> = z
  .array(
    z.strictObject({
      type: z.literal(1).optional(),
      name: optionName,
      description,
      default_member_permissions: z.string().regex(/^\d+$/).nullish(),
      options: z.array(z.union([subCommand, group])).max(25),
    }),
  )
  .max(100);

/** The commands, or what Discord answers instead. */
export function checkCommands(body: unknown): readonly RegisteredCommand[] | DiscordFault {
  const parsed = commandsBody.safeParse(body);
  if (!parsed.success)
    return invalid(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  const faults = parsed.data.flatMap((command) => [
    characters(command) > 8000 ? `${command.name}: APPLICATION_COMMAND_TOO_LARGE` : '',
    ...disorder(command.options),
  ]);
  const real = faults.filter((fault) => fault !== '');
  return real.length === 0 ? parsed.data : invalid(real);
}

export interface AnyOption {
  readonly type?: number | undefined;
  readonly name: string;
  readonly description: string;
  readonly required?: boolean | undefined;
  readonly choices?: readonly { readonly name: string; readonly value: string | number }[] | undefined;
  readonly options?: readonly AnyOption[] | undefined;
}

function characters(option: AnyOption): number {
  const choices = (option.choices ?? []).reduce(
    (sum, { name, value }) => sum + name.length + String(value).length,
    0,
  );
  const inside = (option.options ?? []).reduce((sum, each) => sum + characters(each), 0);
  return option.name.length + option.description.length + choices + inside;
}

function disorder(options: readonly AnyOption[]): readonly string[] {
  const names = options.map(({ name }) => name);
  const lateRequired = options.findIndex(
    ({ required }, at) => required === true && at > 0 && options[at - 1]?.required !== true,
  );
  return [
    new Set(names).size === names.length
      ? ''
      : `${names.join(',')}: APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS`,
    lateRequired === -1 ? '' : `${names[lateRequired]}: APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID`,
    ...options.flatMap((option) => disorder(option.options ?? [])),
  ];
}

function invalid(why: readonly string[]): DiscordFault {
  return { status: 400, code: 50035, message: `Invalid Form Body: ${why.join('; ')}` };
}
