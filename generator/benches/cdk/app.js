// A deployment of comparable size with the AWS CDK, to be timed beside `jit-runners generate`: five functions with
// roles and log groups, two queues with dead-letter queues, a table, an HTTP API, schedules, rules, alarms.
const cdk = require("aws-cdk-lib");
const { aws_apigatewayv2: api, aws_cloudwatch: cloudwatch, aws_dynamodb: dynamodb, aws_ec2: ec2, aws_events: events,
  aws_iam: iam, aws_lambda: lambda, aws_logs: logs, aws_s3: s3, aws_scheduler: scheduler, aws_sqs: sqs } = cdk;

const app = new cdk.App();
const stack = new cdk.Stack(app, "jit-runners", { synthesizer: new cdk.BootstraplessSynthesizer() });
const parameter = (name) => new cdk.CfnParameter(stack, name).valueAsString;

const queues = {};
for (const [name, visibility, receives] of [["scaleup", 120, 3], ["lifecycle", 90, 5]]) {
  const queue = new sqs.Queue(stack, `${name}-dlq`, { retentionPeriod: cdk.Duration.days(14) });
  queues[name] = new sqs.Queue(stack, `${name}-queue`, {
    visibilityTimeout: cdk.Duration.seconds(visibility),
    deadLetterQueue: { queue, maxReceiveCount: receives },
  });
  new cloudwatch.Alarm(stack, `${name}-dead-letters`, {
    metric: queue.metricApproximateNumberOfMessagesVisible(), threshold: 1, evaluationPeriods: 1,
  });
}

const table = new dynamodb.Table(stack, "runners", {
  partitionKey: { name: "pk", type: dynamodb.AttributeType.STRING },
  billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
  timeToLiveAttribute: "ttl",
});
for (const index of ["label_set", "open_kind"]) {
  table.addGlobalSecondaryIndex({
    indexName: index,
    partitionKey: { name: index, type: dynamodb.AttributeType.STRING },
    sortKey: { name: "since", type: dynamodb.AttributeType.NUMBER },
  });
}

const bucket = s3.Bucket.fromBucketName(stack, "bucket", parameter("LambdaS3Bucket"));
const functions = {};
for (const name of ["webhook", "scaleup", "scaledown", "lifecycle", "rebalancer"]) {
  const logGroup = new logs.LogGroup(stack, `${name}-log`, { retention: logs.RetentionDays.TWO_WEEKS });
  const handler = new lambda.Function(stack, name, {
    runtime: lambda.Runtime.PROVIDED_AL2023,
    handler: "bootstrap",
    code: lambda.Code.fromBucket(bucket, parameter(`${name}Key`)),
    memorySize: 256,
    timeout: cdk.Duration.seconds(30),
    environment: { TABLE_NAME: table.tableName, SCALEUP_QUEUE_URL: queues.scaleup.queueUrl },
    logGroup,
  });
  table.grantReadWriteData(handler);
  queues.scaleup.grantSendMessages(handler);
  handler.addToRolePolicy(new iam.PolicyStatement({
    actions: ["ec2:TerminateInstances"],
    resources: ["*"],
    conditions: { StringEquals: { "ec2:ResourceTag/jit-runners:deployment": stack.stackName } },
  }));
  new cloudwatch.Alarm(stack, `${name}-errors`, { metric: handler.metricErrors(), threshold: 1, evaluationPeriods: 2 });
  new logs.MetricFilter(stack, `${name}-logged-errors`, {
    logGroup, metricNamespace: "JitRunners", metricName: "LoggedErrors", filterPattern: logs.FilterPattern.literal("ERROR"),
  });
  functions[name] = handler;
}
for (const [name, queue] of Object.entries(queues)) {
  functions[name].addEventSourceMapping("queue", { eventSourceArn: queue.queueArn, reportBatchItemFailures: true });
  queue.grantConsumeMessages(functions[name]);
}

const http = new api.CfnApi(stack, "api", { name: "webhook", protocolType: "HTTP" });
const integration = new api.CfnIntegration(stack, "integration", {
  apiId: http.ref, integrationType: "AWS_PROXY", integrationUri: functions.webhook.functionArn, payloadFormatVersion: "2.0",
});
new api.CfnRoute(stack, "route", { apiId: http.ref, routeKey: "POST /webhook", target: `integrations/${integration.ref}` });
new api.CfnStage(stack, "stage", { apiId: http.ref, stageName: "$default", autoDeploy: true });
functions.webhook.addPermission("api", { principal: new iam.ServicePrincipal("apigateway.amazonaws.com") });

const schedulerRole = new iam.Role(stack, "scheduler", { assumedBy: new iam.ServicePrincipal("scheduler.amazonaws.com") });
for (const [name, rate] of [["scaledown", "rate(5 minutes)"], ["rebalancer", "rate(1 minute)"]]) {
  functions[name].grantInvoke(schedulerRole);
  new scheduler.CfnSchedule(stack, `${name}-schedule`, {
    flexibleTimeWindow: { mode: "OFF" }, scheduleExpression: rate,
    target: { arn: functions[name].functionArn, roleArn: schedulerRole.roleArn },
  });
}
for (const [name, detailType] of [["spot", "EC2 Spot Instance Interruption Warning"], ["state", "EC2 Instance State-change Notification"]]) {
  new events.CfnRule(stack, `${name}-rule`, {
    eventPattern: { source: ["aws.ec2"], "detail-type": [detailType] },
    targets: [{ id: "lifecycle", arn: queues.lifecycle.queueArn }],
  });
}

const runner = new iam.Role(stack, "runner", { assumedBy: new iam.ServicePrincipal("ec2.amazonaws.com") });
new iam.CfnInstanceProfile(stack, "profile", { roles: [runner.roleName] });
new ec2.CfnSecurityGroup(stack, "group", {
  groupDescription: "runners", vpcId: parameter("VpcId"),
  securityGroupEgress: [443, 80].map((port) => ({ ipProtocol: "tcp", fromPort: port, toPort: port, cidrIp: "0.0.0.0/0" })),
});
new cloudwatch.Dashboard(stack, "dashboard", {
  widgets: [Object.values(functions).map((handler) => new cloudwatch.GraphWidget({ left: [handler.metricErrors()] }))],
});
