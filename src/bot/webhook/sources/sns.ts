/**
 * Amazon SNS: notifications (CloudWatch alarms, or our generic form as text) and the question whether the
 * subscription is wanted. The signature is checked before this is asked (sns-signature.ts).
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
import { z } from 'zod';
import { fromIso } from '../../../domain/units.ts';
import { alertsRead, type HookInput, type HookReading, NOTHING_READ } from '../message.ts';
import { reading } from '../read-body.ts';
import { readGeneric } from './generic.ts';

const text = z.string().max(300_000);
const envelope = z.object({
  Type: z.enum(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  MessageId: z.string().min(1).max(200),
  TopicArn: z.string().max(500),
  Subject: z.string().max(500).nullish(),
  Message: text,
  SubscribeURL: z.string().max(2_000).optional(),
});
const alarm = z.object({
  AlarmName: z.string().max(500),
  AlarmDescription: z.string().max(5_000).nullish(),
  AlarmArn: z.string().max(1_000).optional(),
  NewStateValue: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
  NewStateReason: z.string().max(5_000).nullish(),
  StateChangeTime: z.string().max(64).optional(),
  Region: z.string().max(100).optional(),
});

export function readSns(input: HookInput): HookReading {
  return reading(envelope, input.body, (sent) => {
    if (sent.Type === 'UnsubscribeConfirmation') return NOTHING_READ;
    if (sent.Type === 'SubscriptionConfirmation') {
      return sent.SubscribeURL === undefined
        ? { kind: 'bad', reason: 'SubscribeURL: expected an address, found nothing' }
        : { kind: 'confirm', url: sent.SubscribeURL };
    }
    const inner = parse(sent.Message);
    if (alarm.safeParse(inner).success) return reading(alarm, inner, (told) => alarmRead(told, sent));
    const plain = { name: sent.Subject ?? sent.TopicArn, text: sent.Message, id: sent.MessageId };
    return readGeneric({ ...input, body: isObject(inner) ? { id: sent.MessageId, ...inner } : plain });
  });
}

function alarmRead(told: z.output<typeof alarm>, sent: z.output<typeof envelope>): HookReading {
  // "Insufficient data" is unknown: it neither begins nor ends anything.
  if (told.NewStateValue === 'INSUFFICIENT_DATA') return NOTHING_READ;
  const why = told.NewStateReason ?? told.AlarmDescription ?? '';
  return alertsRead([
    {
      fingerprint: told.AlarmArn ?? told.AlarmName,
      eventId: sent.MessageId,
      name: told.AlarmName,
      state: told.NewStateValue === 'ALARM' ? 'firing' : 'resolved',
      severity: null,
      labels: { alarm: told.AlarmName, topic: sent.TopicArn },
      text: why === '' ? told.AlarmName : `${told.AlarmName}: ${why}`,
      startedAt: (told.StateChangeTime === undefined ? undefined : fromIso(told.StateChangeTime)) ?? null,
    },
  ]);
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    // A message in plain words.
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
