// Talks to a gateway with the official npm SDKs: node sdk.cjs URL. Exits with 0 when all was as expected.
const assert = require('node:assert');
const OpenAI = require('openai').default;
const Anthropic = require('@anthropic-ai/sdk').default;

const url = process.argv[2];
const call = { name: 'get_weather', arguments: '{"city": "Bonn"}' };
const schema = { type: 'object', properties: { city: { type: 'string' } } };

async function chat(client) {
  const tools = [{ type: 'function', function: { name: call.name, parameters: schema } }];
  const messages = [{ role: 'user', content: 'Weather?' }];
  const whole = await client.chat.completions.create({ model: 'toy', messages, tools });
  assert.equal(whole.choices[0].finish_reason, 'tool_calls');
  assert.equal(whole.choices[0].message.reasoning_content, 'Hm.');
  assert.deepEqual(whole.choices[0].message.tool_calls[0].function, call);
  const final = await client.chat.completions.stream({ model: 'toy', messages, tools }).finalChatCompletion();
  assert.equal(final.choices[0].message.content, 'I look.');
  assert.equal(final.choices[0].message.tool_calls[0].function.arguments, call.arguments);
  const text = await client.completions.create({ model: 'toy', prompt: 'Hi', max_tokens: 200 });
  assert.ok(text.choices[0].text.includes('I look.'));
  assert.equal((await client.models.list()).data[0].id, 'toy');
  assert.equal((await client.models.retrieve('toy')).object, 'model');
  await assert.rejects(client.chat.completions.create({ model: 'nope', messages }), OpenAI.NotFoundError);
}

async function embeddings(client) {
  const texts = ['abc', 'de'];
  const short = await client.embeddings.create({ model: 'toy', input: texts });
  const long = await client.embeddings.create({ model: 'toy', input: texts, encoding_format: 'float' });
  assert.deepEqual(short.data.map(item => [...item.embedding]), long.data.map(item => item.embedding.map(Math.fround)));
  assert.equal(short.data[1].index, 1);
  assert.ok(short.usage.prompt_tokens > 0);
  assert.equal((await client.embeddings.create({ model: 'toy', input: [5, 6], dimensions: 2 })).data[0].embedding.length, 2);
  await assert.rejects(client.embeddings.create({ model: 'toy', input: [], }), OpenAI.BadRequestError);
}

async function responses(client) {
  const tools = [{ type: 'function', name: call.name, parameters: schema, strict: false }];
  const made = await client.responses.create({ model: 'toy', input: 'Weather?', tools });
  assert.equal(made.output_text, 'I look.');
  assert.deepEqual(made.output.map(item => item.type), ['reasoning', 'message', 'function_call']);
  assert.equal((await client.responses.retrieve(made.id)).id, made.id);
  assert.equal((await client.responses.inputItems.list(made.id)).data[0].content[0].text, 'Weather?');
  const final = await client.responses.stream({ model: 'toy', input: 'Weather?', tools, previous_response_id: made.id }).finalResponse();
  assert.equal(final.status, 'completed');
  assert.equal(final.output[2].arguments, call.arguments);
  const late = await client.responses.create({ model: 'toy', input: 'Weather?', background: true });
  const ended = await client.responses.cancel(late.id);
  assert.ok(['cancelled', 'completed', 'in_progress', 'queued'].includes(ended.status));
  const events = [];
  for await (const event of await client.responses.create({ model: 'toy', input: 'Weather?', stream: true })) events.push(event.type);
  assert.equal(events[0], 'response.created');
  assert.equal(events.at(-1), 'response.completed');
  await client.responses.delete(made.id);
  await assert.rejects(client.responses.retrieve(made.id), OpenAI.NotFoundError);
}

async function batches(client) {
  const body = { model: 'toy', messages: [{ role: 'user', content: 'Weather?' }] };
  const line = id => JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body });
  const text = `${line('a')}\n${line('b')}\n`;
  const input = await client.files.create({ purpose: 'batch', file: await OpenAI.toFile(Buffer.from(text), 'input.jsonl') });
  assert.equal(input.bytes, Buffer.byteLength(text));
  assert.equal((await client.files.retrieve(input.id)).filename, 'input.jsonl');
  assert.equal(await (await client.files.content(input.id)).text(), text);
  const ask = { input_file_id: input.id, endpoint: '/v1/chat/completions', completion_window: '24h', metadata: { by: 'npm' } };
  let batch = await client.batches.create(ask);
  for (const until = Date.now() + 30000; batch.status !== 'completed' && Date.now() < until;) {
    await new Promise(resolve => setTimeout(resolve, 20));
    batch = await client.batches.retrieve(batch.id);
  }

  assert.equal(batch.status, 'completed');
  assert.deepEqual(batch.request_counts, { total: 2, completed: 2, failed: 0 });
  assert.equal(batch.metadata.by, 'npm');
  const lines = (await (await client.files.content(batch.output_file_id)).text()).trim().split('\n').map(JSON.parse);
  assert.deepEqual(lines.map(answer => answer.custom_id).sort(), ['a', 'b']);
  assert.ok(lines.every(answer => answer.response.body.choices[0].message.content.includes('I look.')));
  const listed = [];
  for await (const one of client.batches.list({ limit: 1 })) listed.push(one.id);
  assert.deepEqual(listed, [batch.id]);
  await assert.rejects(client.batches.cancel(batch.id), OpenAI.ConflictError);
  const names = [];
  for await (const one of client.files.list({ purpose: 'batch' })) names.push(one.id);
  assert.deepEqual(names, [input.id]);
  assert.equal((await client.files.delete(input.id)).deleted, true);
  await assert.rejects(client.files.retrieve(input.id), OpenAI.NotFoundError);
}

async function messages(client) {
  const ask = {
    model: 'toy', max_tokens: 300, messages: [{ role: 'user', content: 'Weather?' }],
    tools: [{ name: call.name, input_schema: schema }],
  };
  const whole = await client.messages.create(ask);
  assert.deepEqual(whole.content.map(block => block.type), ['thinking', 'text', 'tool_use']);
  const streamed = await client.messages.stream(ask).finalMessage();
  assert.equal(streamed.stop_reason, 'tool_use');
  assert.equal(streamed.content[0].thinking, 'Hm.');
  assert.equal(streamed.content[1].text, 'I look.');
  assert.deepEqual(streamed.content[2].input, { city: 'Bonn' });
  assert.ok((await client.messages.countTokens({ model: 'toy', messages: ask.messages })).input_tokens > 0);
  await assert.rejects(client.messages.create({ ...ask, model: 'nope' }), Anthropic.NotFoundError);
  const listed = [];
  for await (const model of client.models.list()) listed.push(model);
  assert.deepEqual(listed.map(model => [model.id, model.type]), [['toy', 'model']]);
  assert.ok(Date.parse(listed[0].created_at) > 0);
  assert.equal((await client.models.retrieve('toy')).display_name, 'toy');
}

(async () => {
  const openai = new OpenAI({ baseURL: url + '/v1', apiKey: 'none', maxRetries: 0 });
  await chat(openai);
  await embeddings(openai);
  await responses(openai);
  await batches(openai);
  await messages(new Anthropic({ baseURL: url, apiKey: 'none', maxRetries: 0 }));
  console.log('all as expected');
})().catch(error => {
  console.error(error);
  process.exit(1);
});
