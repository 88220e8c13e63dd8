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
  await messages(new Anthropic({ baseURL: url, apiKey: 'none', maxRetries: 0 }));
  console.log('all as expected');
})().catch(error => {
  console.error(error);
  process.exit(1);
});
