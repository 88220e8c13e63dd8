using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Errors;

/// <summary>
/// Bodies changed at random: whatever comes, the answer is a success or a clear refusal, at once, and nothing is left behind.
/// XLLM_FUZZ_SECONDS sets the time (default 2), XLLM_FUZZ_SEED the seed; a failure prints both seed and body.
/// </summary>
public sealed class MutationTests
{
    private static readonly string[] Paths = ["/v1/chat/completions", "/v1/completions", "/tokenize", "/detokenize", "/v1/messages", "/v1/responses"];

    private static readonly string[] Bodies =
    [
        """{"model":"toy","messages":[{"role":"system","content":"Be kind."},{"role":"user","content":[{"type":"text","text":"Hi"}]}],"stream":true,"stream_options":{"include_usage":true},"n":2,"stop":["a","bc"],"logprobs":true,"top_logprobs":3,"temperature":0.5,"logit_bias":{"5":-1}}""",
        """{"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"c","content":"1"}],"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"chat_template_kwargs":{"x":[1,{"y":null}]},"max_tokens":5}""",
        """{"prompt":["one","two"],"echo":true,"logprobs":2,"max_tokens":4,"seed":7,"top_k":4,"top_p":0.5,"min_p":0.1,"stop_token_ids":[3],"min_tokens":1}""",
        """{"prompt":[[1,2,3],[4,5]],"n":2,"presence_penalty":0.5,"frequency_penalty":0.5,"repetition_penalty":1.1,"cache_salt":"s","ignore_eos":true,"stream":true}""",
        """{"prompt":"Hello","add_special_tokens":true,"return_token_strs":true}""",
        """{"tokens":[72,101,108]}""",
        """{"model":"toy","max_tokens":9,"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":""},{"type":"tool_use","id":"t","name":"f","input":{"a":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"1","is_error":true}]}],"tools":[{"name":"f","input_schema":{"a":[1]}}],"tool_choice":{"type":"auto"},"stop_sequences":["x"],"stream":true}""",
        """{"model":"toy","input":[{"role":"user","content":[{"type":"input_text","text":"Hi"}]},{"type":"reasoning","content":[]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"1"}],"tools":[{"type":"function","name":"f","parameters":{}}],"metadata":{"a":"b"},"max_output_tokens":9,"stream":true}""",
    ];

    private static readonly string[] Odd =
    [
        "null", "true", "-1", "0", "1e999", "-1e999", "0.5", "99999999999999999999", "2147483648", "\"\"", "\"\\ud800\"", "\"\\u0000\"",
        "[]", "{}", "[[[[]]]]", "{\"\\udfff\":1}", "\"toy\"", "[null]", "1E400", "-0", "\"\u20ac\"",
    ];

    [Fact]
    public async Task No_body_makes_an_internal_error_or_hangs()
    {
        int seed = Setting("XLLM_FUZZ_SEED", 20260101);
        TimeSpan time = TimeSpan.FromSeconds(Setting("XLLM_FUZZ_SECONDS", 2));
        var random = new Random(seed);
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run =>
        {
            if (run.Request.Logprobs.Prompt)
            {
                run.EchoPrompt();
            }

            return run.Say("ab c").Finish(RequestOutcome.CompletedLength);
        };
        var clock = Stopwatch.StartNew();
        var seen = new SortedDictionary<int, int>();
        while (clock.Elapsed < time || seen.Count < 2)
        {
            byte[] body = Mutate(random);
            string path = Paths[random.Next(Paths.Length)];
            int status = await SendAsync(host, path, body, seed);
            seen[status] = seen.GetValueOrDefault(status) + 1;
        }

        Assert.Contains(200, seen.Keys);
        Assert.Contains(400, seen.Keys);
        host.AssertNothingLeft();
        long ended = Enum.GetValues<RequestOutcome>().Sum(o => host.Metrics.Of("toy").OutcomesOf(o));
        Assert.True(ended >= host.Backend.Submits, $"{host.Backend.Submits} submitted, {ended} ended.");
    }

    private static async Task<int> SendAsync(GatewayHost host, string path, byte[] body, int seed)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        string shown = $"seed {seed}, {path}: {Encoding.Latin1.GetString(body)}";
        try
        {
            using HttpResponseMessage response = await host.Client.PostAsync(path, content);
            string answer = await response.Content.ReadAsStringAsync();
            int status = (int)response.StatusCode;
            Assert.True(status is 200 or 400 or 404, $"{status} {answer} for {shown}");
            Assert.False(answer.Contains("internal_error", StringComparison.Ordinal), $"{answer} for {shown}");
            return status;
        }
        catch (Exception exception) when (exception is TaskCanceledException or HttpRequestException)
        {
            string errors = string.Join('\n', host.Logs.Lines.Where(l => l.Level >= LogLevel.Error).Select(l => l.Line));
            throw new InvalidOperationException($"No answer for {shown}\n{errors}", exception);
        }
    }

    private static byte[] Mutate(Random random)
    {
        string body = Bodies[random.Next(Bodies.Length)];
        for (int i = random.Next(3); i > 0; i--)
        {
            body = ReplaceValue(body, random);
        }

        byte[] bytes = Encoding.UTF8.GetBytes(body);
        if (random.Next(4) == 0)
        {
            for (int i = random.Next(1, 4); i > 0 && bytes.Length > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
        }

        return random.Next(10) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    // Puts something odd where a value begins.
    private static string ReplaceValue(string body, Random random)
    {
        int[] starts = [.. Enumerable.Range(1, body.Length - 1).Where(i => body[i - 1] is ':' or '[' or ',' && body[i] is not ']')];
        int at = starts.Length == 0 ? 0 : starts[random.Next(starts.Length)];
        int end = at;
        int depth = 0;
        bool text = false;
        while (end < body.Length && (text || depth > 0 || body[end] is not (',' or '}' or ']')))
        {
            text ^= body[end] == '"' && (end == 0 || body[end - 1] != '\\');
            depth += text ? 0 : body[end] is '{' or '[' ? 1 : body[end] is '}' or ']' ? -1 : 0;
            end++;
        }

        return body[..at] + Odd[random.Next(Odd.Length)] + body[end..];
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : otherwise;
}
