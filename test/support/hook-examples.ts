/**
 * What other systems send, in the shape in which they send it: more fields than we read, nested as there. Names and
 * shapes are those of their documentation; every value is made up.
 */

type State = 'firing' | 'resolved';

export interface HookExample {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

const JSON_HEADERS = { 'content-type': 'application/json' };

/** Alertmanager, webhook version 4: a group with one alert. */
export function alertmanagerExample(state: State): HookExample {
  const labels = { alertname: 'HighErrorRate', job: 'shop', severity: 'critical', instance: '10.0.0.7:8080' };
  const annotations = { summary: 'shop answers one request in ten with 500', runbook: 'wiki/shop' };
  return {
    headers: { ...JSON_HEADERS, 'user-agent': 'Alertmanager/0.25.0' },
    body: {
      receiver: 'night',
      status: state,
      alerts: [
        {
          ...ends(state),
          labels,
          annotations,
          generatorURL: 'http://prom:9090/graph?g0.expr=e',
          fingerprint: '9c1f2b7a30d4e655',
        },
      ],
      groupLabels: { alertname: labels.alertname },
      commonLabels: labels,
      commonAnnotations: annotations,
      externalURL: 'http://alerts:9093',
      version: '4',
      groupKey: '{}:{alertname="HighErrorRate"}',
      truncatedAlerts: 0,
    },
  };
}

/** Grafana's unified alerting: the same with figures and links of its own, times with a zone. */
export function grafanaExample(state: State): HookExample {
  const labels = { alertname: 'Queue too long', grafana_folder: 'Shop', service: 'shop', zone: 'eu-1' };
  const annotations = {
    description: 'More than 500 orders wait',
    runbook_url: 'https://wiki.example/q',
    summary: 'orders pile up',
  };
  return {
    headers: { ...JSON_HEADERS, 'user-agent': 'Grafana' },
    body: {
      receiver: 'Nightshift',
      status: state,
      orgId: 1,
      alerts: [
        {
          ...ends(state, '+01:00'),
          labels,
          annotations,
          generatorURL: 'https://grafana.example/alerting/grafana/q1/view?orgId=1',
          fingerprint: '04d2f7c19be38a60',
          silenceURL: 'https://grafana.example/alerting/silence/new?alertmanager=grafana',
          dashboardURL: '',
          panelURL: '',
          values: state === 'firing' ? { A: 512.25, C: 1 } : null,
          valueString:
            "[ var='A' labels={service=shop} value=512.25 ], [ var='C' labels={service=shop} value=1 ]",
          imageURL: '',
        },
      ],
      groupLabels: { alertname: labels.alertname, grafana_folder: labels.grafana_folder },
      commonLabels: labels,
      commonAnnotations: annotations,
      externalURL: 'https://grafana.example/',
      appVersion: '11.5.0',
      version: '1',
      groupKey: '{}:{alertname="Queue too long", grafana_folder="Shop"}',
      truncatedAlerts: 0,
      title: `[${state === 'firing' ? 'FIRING:1' : 'RESOLVED'}] Queue too long Shop`,
      state: state === 'firing' ? 'alerting' : 'ok',
      message: '**Firing**\n\nValue: A=512.25, C=1\n',
    },
  };
}

/** Uptime Kuma, notification type Webhook, JSON. */
export function uptimeKumaExample(state: State): HookExample {
  const down = state === 'firing';
  const msg = down ? 'connect ECONNREFUSED 127.0.0.1:3000' : '200 - OK';
  return {
    headers: { ...JSON_HEADERS, 'user-agent': 'axios/0.28.1' },
    body: {
      heartbeat: {
        monitorID: 3,
        status: down ? 0 : 1,
        time: `2026-11-22 02:0${down ? 1 : 9}:00.104`,
        msg,
        ping: down ? null : 21,
        important: true,
        duration: 20,
        retries: 0,
        timezone: 'Europe/Berlin',
        timezoneOffset: '+01:00',
        localDateTime: `2026-11-22 03:0${down ? 1 : 9}:00`,
      },
      monitor: {
        id: 3,
        name: 'shop',
        description: null,
        pathName: 'shop',
        parent: null,
        childrenIDs: [],
        url: 'http://127.0.0.1:3000/health',
        method: 'GET',
        hostname: null,
        port: null,
        maxretries: 0,
        weight: 2000,
        active: true,
        type: 'http',
        interval: 20,
        keyword: null,
        accepted_statuscodes: ['200-299'],
        notificationIDList: { 1: true },
        tags: [{ id: 1, monitor_id: 3, tag_id: 1, value: '', name: 'night', color: '#2563EB' }],
        maintenance: false,
      },
      msg: `[shop] [${down ? '🔴 Down' : '✅ Up'}] ${msg}`,
    },
  };
}

/** Healthchecks, with the template of docs/webhooks.md filled in: `$NOW` has no fraction and an offset. */
export function healthchecksExample(state: State): HookExample {
  const status = state === 'firing' ? 'down' : 'up';
  return {
    headers: { ...JSON_HEADERS, 'user-agent': 'healthchecks.io' },
    body: {
      code: '3c1d4e1a-6e9c-4a3e-9a37-3a2b8f0f5d11',
      name: 'nightly dump of shop',
      status,
      tags: 'shop db',
      now: `2026-11-22T02:0${state === 'firing' ? 1 : 9}:00+00:00`,
    },
  };
}

/** Amazon SNS around a CloudWatch alarm; the signature is put on by who sends it. */
export function snsExample(state: State): HookExample {
  const alarm = {
    AlarmName: 'shop-5xx',
    AlarmDescription: 'The shop answers with 5xx',
    AWSAccountId: '123456789012',
    AlarmConfigurationUpdatedTimestamp: '2026-11-01T08:00:00.000+0000',
    NewStateValue: state === 'firing' ? 'ALARM' : 'OK',
    NewStateReason: 'Threshold Crossed: 1 datapoint [14.0] was greater than the threshold (10.0).',
    StateChangeTime: '2026-11-22T02:01:00.123+0000',
    Region: 'EU (Frankfurt)',
    AlarmArn: 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm:shop-5xx',
    OldStateValue: state === 'firing' ? 'OK' : 'ALARM',
    OKActions: ['arn:aws:sns:eu-central-1:123456789012:night'],
    AlarmActions: ['arn:aws:sns:eu-central-1:123456789012:night'],
    InsufficientDataActions: [],
    Trigger: {
      MetricName: 'HTTPCode_Target_5XX_Count',
      Namespace: 'AWS/ApplicationELB',
      Statistic: 'SUM',
      Period: 60,
    },
  };
  return {
    headers: {
      'content-type': 'text/plain; charset=UTF-8',
      'user-agent': 'Amazon Simple Notification Service Agent',
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-topic-arn': 'arn:aws:sns:eu-central-1:123456789012:night',
    },
    body: {
      Type: 'Notification',
      MessageId: `5f0c2d71-0000-4000-8000-00000000000${state === 'firing' ? 1 : 2}`,
      TopicArn: 'arn:aws:sns:eu-central-1:123456789012:night',
      Subject: `${alarm.NewStateValue}: "shop-5xx" in EU (Frankfurt)`,
      Message: JSON.stringify(alarm),
      Timestamp: '2026-11-22T02:01:01.000Z',
      UnsubscribeURL: 'https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=a',
    },
  };
}

function ends(state: State, zone = 'Z'): { status: State; startsAt: string; endsAt: string } {
  return {
    status: state,
    startsAt: `2026-11-22T02:01:00.157${zone}`,
    endsAt: state === 'firing' ? '0001-01-01T00:00:00Z' : `2026-11-22T02:09:00.157${zone}`,
  };
}
