using System.Net;
using System.Text;
using System.Text.Json;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Errors;

/// <summary>Fields that are wrong: 400, with the path of the field.</summary>
public sealed class BadFieldTests
{
    private const string Chat = "/v1/chat/completions";
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

    [Theory]
    [InlineData("{}", "messages")]
    [InlineData("""{"messages":null}""", "messages")]
    [InlineData("""{"messages":[]}""", "messages")]
    [InlineData("""{"messages":"Hi"}""", "messages")]
    [InlineData("""{"messages":[7]}""", "messages[0]")]
    [InlineData("""{"messages":[{"content":"Hi"}]}""", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"},{"role":"wizard","content":"Hi"}]}""", "messages[1].role")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":5}]}""", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":[]}]}""", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text"}]}]}""", "messages[0].content[0].text")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}""", "messages[0].content[0]")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"odd"}]}]}""", "messages[0].content[0].type")]
    [InlineData("""{"messages":[{"role":"user","content":"\ud800"}]}""", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"id":"a"}]}]}""", "messages[0].tool_calls[0].function")]
    [InlineData("""{"messages":[{"role":"assistant","content":"a","tool_calls":[{"function":{"name":"\udc00"}}]}]}""", "messages[0].tool_calls")]
    public async Task Wrong_messages_are_refused_with_their_path(string body, string param) => await AssertRefusedAsync(Chat, body, param);

    [Theory]
    [InlineData("\"temperature\":2.1", "temperature")]
    [InlineData("\"temperature\":-0.1", "temperature")]
    [InlineData("\"temperature\":1e999", "temperature")]
    [InlineData("\"temperature\":\"hot\"", "temperature")]
    [InlineData("\"temperature\":true", "temperature")]
    [InlineData("\"top_p\":0", "top_p")]
    [InlineData("\"top_p\":1.5", "top_p")]
    [InlineData("\"top_k\":-2", "top_k")]
    [InlineData("\"top_k\":1.5", "top_k")]
    [InlineData("\"min_p\":-1", "min_p")]
    [InlineData("\"seed\":\"x\"", "seed")]
    [InlineData("\"seed\":99999999999999999999999", "seed")]
    [InlineData("\"n\":0", "n")]
    [InlineData("\"n\":129", "n")]
    [InlineData("\"n\":1000000000000", "n")]
    [InlineData("\"max_tokens\":0", "max_tokens")]
    [InlineData("\"max_tokens\":-1", "max_tokens")]
    [InlineData("\"max_completion_tokens\":\"many\"", "max_completion_tokens")]
    [InlineData("\"max_tokens\":5,\"min_tokens\":6", "min_tokens")]
    [InlineData("\"presence_penalty\":2.5", "presence_penalty")]
    [InlineData("\"frequency_penalty\":-3", "frequency_penalty")]
    [InlineData("\"repetition_penalty\":0", "repetition_penalty")]
    [InlineData("\"stop\":5", "stop")]
    [InlineData("\"stop\":\"\"", "stop")]
    [InlineData("\"stop\":[\"a\",7]", "stop[1]")]
    [InlineData("\"stop\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\"]", "stop")]
    [InlineData("\"stop_token_ids\":[1,-1]", "stop_token_ids[1]")]
    [InlineData("\"stop_token_ids\":[300]", "stop_token_ids")]
    [InlineData("\"logit_bias\":{\"x\":1}", "logit_bias")]
    [InlineData("\"logit_bias\":{\"5\":101}", "logit_bias.5")]
    [InlineData("\"logit_bias\":{\"300\":1}", "logit_bias")]
    [InlineData("\"logit_bias\":[]", "logit_bias")]
    [InlineData("\"logprobs\":5", "logprobs")]
    [InlineData("\"logprobs\":true,\"top_logprobs\":21", "top_logprobs")]
    [InlineData("\"top_logprobs\":2", "top_logprobs")]
    [InlineData("\"stream\":\"yes\"", "stream")]
    [InlineData("\"stream_options\":{}", "stream_options")]
    [InlineData("\"stream\":true,\"stream_options\":5", "stream_options")]
    [InlineData("\"stream\":true,\"stream_options\":{\"include_usage\":1}", "stream_options.include_usage")]
    [InlineData("\"cache_salt\":\"\"", "cache_salt")]
    [InlineData("\"cache_salt\":7", "cache_salt")]
    [InlineData("\"model\":7", "model")]
    [InlineData("\"tools\":{}", "tools")]
    [InlineData("\"tools\":[{\"type\":\"function\"}]", "tools[0].function")]
    [InlineData("\"chat_template_kwargs\":[]", "chat_template_kwargs")]
    [InlineData("\"continue_final_message\":true,\"add_generation_prompt\":true", "continue_final_message")]
    public async Task Parameters_out_of_range_are_refused_with_their_path(string field, string param) =>
        await AssertRefusedAsync(Chat, $"{{{Messages},{field}}}", param);

    [Theory]
    [InlineData("\"best_of\":2", "best_of")]
    [InlineData("\"use_beam_search\":true", "use_beam_search")]
    [InlineData("\"structural_tag\":{}", "structural_tag")]
    [InlineData("\"modalities\":[\"text\",\"audio\"]", "modalities")]
    [InlineData("\"chat_template\":\"{{ 1 }}\"", "chat_template")]
    public async Task Known_fields_that_would_change_the_result_are_refused_not_ignored(string field, string param)
    {
        JsonElement error = await AssertRefusedAsync(Chat, $"{{{Messages},{field}}}", param);
        Assert.Equal("unsupported_parameter", error.GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("{}", "prompt")]
    [InlineData("""{"prompt":5}""", "prompt")]
    [InlineData("""{"prompt":[]}""", "prompt")]
    [InlineData("""{"prompt":[5,"a"]}""", "prompt[1]")]
    [InlineData("""{"prompt":["a",5]}""", "prompt[1]")]
    [InlineData("""{"prompt":[[1,2],[]]}""", "prompt[1]")]
    [InlineData("""{"prompt":[300]}""", "prompt")]
    [InlineData("""{"prompt":[[1],[300]]}""", "prompt[1]")]
    [InlineData("""{"prompt":[99999999999]}""", "prompt[0]")]
    [InlineData("""{"prompt":"","add_special_tokens":false}""", "prompt")]
    [InlineData("""{"prompt":"a","max_tokens":0}""", "max_tokens")]
    [InlineData("""{"prompt":"a","logprobs":21}""", "logprobs")]
    [InlineData("""{"prompt":"a","suffix":"b"}""", "suffix")]
    [InlineData("""{"prompt":["a","b"],"n":65}""", "n")]
    [InlineData("""{"prompt":"a","min_tokens":17}""", "min_tokens")]
    public async Task Wrong_completions_are_refused_with_their_path(string body, string param) =>
        await AssertRefusedAsync("/v1/completions", body, param);

    [Theory]
    [InlineData("{}", "prompt")]
    [InlineData("""{"prompt":"a","messages":[]}""", "prompt")]
    [InlineData("""{"prompt":5}""", "prompt")]
    public async Task Wrong_tokenize_bodies_are_refused(string body, string param) => await AssertRefusedAsync("/tokenize", body, param);

    [Theory]
    [InlineData("{}", "tokens")]
    [InlineData("""{"tokens":[300]}""", "tokens")]
    [InlineData("""{"tokens":["a"]}""", "tokens[0]")]
    public async Task Wrong_detokenize_bodies_are_refused(string body, string param) => await AssertRefusedAsync("/detokenize", body, param);

    public static TheoryData<byte[]> BrokenBodies =>
    [
        Encoding.UTF8.GetBytes(""),
        Encoding.UTF8.GetBytes("{"),
        Encoding.UTF8.GetBytes("[]"),
        Encoding.UTF8.GetBytes("null"),
        Encoding.UTF8.GetBytes("{\"messages\":[NaN]}"),
        Encoding.UTF8.GetBytes("{\"n\":1,\"n\":2}"),
        Encoding.UTF8.GetBytes(new string('[', 100_000)),
        Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 100) + new string(']', 100) + "}"),
        Encoding.UTF8.GetBytes("{\"\\ud800\":1,\"\\ud800\":2}"),
        [.. Encoding.UTF8.GetBytes("{\"messages\":[{\"role\":\"user\",\"content\":\""), 0xff, 0xfe, .. Encoding.UTF8.GetBytes("\"}]}")],
        [0xef, 0xbb],
    ];

    [Theory]
    [MemberData(nameof(BrokenBodies))]
    public async Task Bodies_that_are_not_a_JSON_object_in_UTF8_are_400(byte[] body)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        using HttpResponseMessage response = await host.Client.PostAsync(Chat, content);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.BadRequest, text);
        Assert.Equal("invalid_json", JsonDocument.Parse(text).RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Fields_nobody_knows_are_ignored()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await host.PostAsync(
            Chat, $"{{{Messages},\"sparkle\":[1,{{}}],\"user\":\"u\",\"store\":true,\"metadata\":{{\"a\":\"b\"}},\"suffix\":null}}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<JsonElement> AssertRefusedAsync(string path, string body, string param)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await host.PostAsync(path, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{(int)response.StatusCode}: {text}");
        JsonElement error = JsonDocument.Parse(text).RootElement.GetProperty("error").Clone();
        Assert.Equal(param, error.GetProperty("param").GetString());
        Assert.Equal(0, host.Backend.Submits);
        return error;
    }
}
