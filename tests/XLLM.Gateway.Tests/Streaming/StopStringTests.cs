using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Streaming;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Streaming;

public sealed class StopStringTests
{
    private const string Chat = "/v1/chat/completions";
    private static readonly object[] Hello = [new { role = "user", content = "Hi" }];

    [Fact]
    public async Task A_stop_string_over_several_chunks_ends_the_text_and_the_request()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run =>
        {
            run.Say("one END two");
            return ScriptedRun.Accept();
        };
        SseEvents stream = await host.StreamAsync(Chat, new { messages = Hello, stream = true, stop = new[] { "XYZ", " END" } });
        Assert.Equal("one", stream.ChatText());
        Assert.Equal("stop", stream.FinishReason());
        Assert.Equal(" END", stream.Choices.Last().GetProperty("stop_reason").GetString());
        Assert.Equal(RequestOutcome.CompletedStop, await host.Backend.Runs.Single().Ended.Task.WaitAsync(TestTime.Limit));
        Assert.Equal(1, host.Metrics.Of("toy").OutcomesOf(RequestOutcome.CompletedStop));
        host.AssertNothingLeft();
    }

    [Fact]
    public async Task Text_that_looked_like_a_stop_string_and_was_none_is_given_out_at_the_end()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run => run.Say("ends in EN").Finish(RequestOutcome.CompletedLength);
        JsonElement answer = await host.AskAsync(Chat, new { messages = Hello, stop = "END" });
        Assert.Equal("ends in EN", answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("length", answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task A_stop_string_inside_of_one_chunk_of_many_tokens_ends_the_text_as_token_by_token()
    {
        List<string> answers = [];
        foreach (bool atOnce in new[] { false, true })
        {
            await using GatewayHost host = await GatewayHost.StartAsync();
            host.Backend.OnSubmit = run =>
            {
                _ = atOnce ? run.SayAtOnce("one END two END") : run.Say("one END two END");
                return ScriptedRun.Accept();
            };
            JsonElement answer = await host.AskAsync(Chat, new { messages = Hello, stop = "END", max_tokens = 40 });
            JsonElement choice = answer.GetProperty("choices")[0];
            Assert.Equal("one ", choice.GetProperty("message").GetProperty("content").GetString());
            answers.Add(choice.GetRawText() + answer.GetProperty("usage").GetRawText());
            Assert.Equal(RequestOutcome.CompletedStop, await host.Backend.Runs.Single().Ended.Task.WaitAsync(TestTime.Limit));
            host.AssertNothingLeft();
        }

        Assert.Equal(answers[0], answers[1]);
    }

    [Fact]
    public async Task The_stop_string_can_be_kept()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run =>
        {
            run.Say("one END two");
            return ScriptedRun.Accept();
        };
        JsonElement answer = await host.AskAsync(
            "/v1/completions", new { prompt = "a", stop = "END", include_stop_str_in_output = true });
        Assert.Equal("one END", answer.GetProperty("choices")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_stop_string_within_the_least_number_of_tokens_does_not_count()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run =>
        {
            run.Say("a.b.c.d");
            return ScriptedRun.Accept();
        };
        JsonElement answer = await host.AskAsync("/v1/completions", new { prompt = "a", stop = ".", min_tokens = 4 });
        Assert.Equal("a.b.c", answer.GetProperty("choices")[0].GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("abcdef", "cd", "ab")]
    [InlineData("aaab", "aab", "a")]
    [InlineData("ababac", "abac", "ab")]
    [InlineData("xyz", "abc", "xyz")]
    [InlineData("\U0001F600\U0001F601!", "\U0001F601", "\U0001F600")]
    public void Every_way_to_cut_a_text_gives_the_same(string text, string stop, string expected)
    {
        for (int cuts = 0; cuts < 1 << (text.Length - 1); cuts++)
        {
            var filter = new StopStringFilter([stop], includeStop: false);
            string given = "";
            int from = 0;
            for (int i = 0; i < text.Length; i++)
            {
                if (i == text.Length - 1 || ((cuts >> i) & 1) == 1)
                {
                    given += filter.Append(text[from..(i + 1)]);
                    from = i + 1;
                }
            }

            given += filter.Finish();
            Assert.Equal(expected, given);
        }
    }

    [Fact]
    public void Of_two_stop_strings_the_one_that_is_complete_first_counts()
    {
        var filter = new StopStringFilter(["bcde", "cd"], includeStop: false);
        Assert.Equal("ab", filter.Append("abcdef"));
        Assert.Equal("cd", filter.Hit);
    }

    [Fact]
    public void Only_what_could_begin_a_stop_string_is_held_back()
    {
        var filter = new StopStringFilter(["STOP"], includeStop: false);
        Assert.Equal("say ", filter.Append("say ST"));
        Assert.Equal("STa", filter.Append("a"));
    }
}
