using System.Net;
using System.Text.Json;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.OpenAi;

public sealed class OtherEndpointTests
{
    [Fact]
    public async Task Models_are_listed_once_each_by_name_and_found_with_slashes()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Fleet.Snapshot = new FleetSnapshot
        {
            Instances =
            [
                ToyFleet.StatusOf("toy", ToyFleet.Instance),
                ToyFleet.StatusOf("org/other", InstanceId.Of("silo", "cpu1")),
                ToyFleet.StatusOf("toy", InstanceId.Of("silo", "cpu2")),
                ToyFleet.StatusOf("gone", InstanceId.Of("silo", "cpu3")) with { Health = InstanceHealth.Dead },
            ],
        };
        JsonElement list = await host.Client.GetFromJsonElementAsync("/v1/models");
        Assert.Equal(["org/other", "toy"], list.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString()));

        JsonElement one = await host.Client.GetFromJsonElementAsync("/v1/models/org/other");
        Assert.Equal("org/other", one.GetProperty("id").GetString());
        Assert.Equal(2048, one.GetProperty("max_model_len").GetInt32());
        using HttpResponseMessage missing = await host.Client.GetAsync("/v1/models/gone");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task With_two_models_a_request_must_name_one()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Fleet.Snapshot = new FleetSnapshot
        {
            Instances = [ToyFleet.StatusOf("a", ToyFleet.Instance), ToyFleet.StatusOf("b", InstanceId.Of("silo", "cpu1"))],
        };
        using HttpResponseMessage response = await host.PostAsync("/v1/completions", """{"prompt":"x"}""");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("'a', 'b'", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_model_that_was_just_served_is_submitted_while_the_fleet_is_empty_and_the_house_decides()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        await host.AskAsync("/v1/completions", new { model = "toy", prompt = "a" });
        host.Fleet.Snapshot = FleetSnapshot.Empty;
        using HttpResponseMessage taken = await host.PostAsync("/v1/completions", """{"model":"toy","prompt":"x"}""");
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        host.Backend.OnSubmit = _ => SubmitResult.Reject(RequestOutcome.NoInstance, "none is back");
        using HttpResponseMessage refused = await host.PostAsync("/v1/completions", """{"model":"toy","prompt":"x"}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
    }

    [Theory]
    [InlineData(ToyCodec.End, null)]
    [InlineData(7, 7)]
    public async Task Stop_reason_is_the_requests_own_stop_token_and_null_for_the_models_end(int token, int? reason)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run => run.Say("a").Finish(Contracts.Requests.RequestOutcome.CompletedStop, stopToken: token);
        JsonElement answer = await host.AskAsync("/v1/completions", new { prompt = "a", stop_token_ids = new[] { 7 } });
        JsonElement given = answer.GetProperty("choices")[0].GetProperty("stop_reason");
        Assert.Equal(reason, given.ValueKind == JsonValueKind.Null ? null : given.GetInt32());
    }

    [Fact]
    public async Task Tokenize_and_detokenize_are_inverse()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        JsonElement tokens = await host.AskAsync("/tokenize", new { prompt = "h\u00e9", return_token_strs = true });
        Assert.Equal(4, tokens.GetProperty("count").GetInt32());
        Assert.Equal(2048, tokens.GetProperty("max_model_len").GetInt32());
        Assert.Equal([256, 'h', 0xc3, 0xa9], tokens.GetProperty("tokens").EnumerateArray().Select(t => t.GetInt32()));
        Assert.Equal(@"bytes:\xc3", tokens.GetProperty("token_strs")[2].GetString());

        JsonElement text = await host.AskAsync("/detokenize", new { tokens = new[] { 'h', 0xc3, 0xa9 } });
        Assert.Equal("h\u00e9", text.GetProperty("prompt").GetString());
    }

    [Fact]
    public async Task Tokenize_of_messages_uses_the_template()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        JsonElement tokens = await host.AskAsync(
            "/tokenize", new { messages = new[] { new { role = "user", content = "Hi" } }, add_generation_prompt = false });
        Assert.Equal("[user]Hi".Length, tokens.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Live_is_always_200()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Fleet.Current = new ModelReadiness { State = ReadinessState.Loading };
        using HttpResponseMessage response = await host.Client.GetAsync("/health/live");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(ReadinessState.Loading, 503)]
    [InlineData(ReadinessState.Ready, 200)]
    [InlineData(ReadinessState.Failed, 503)]
    [InlineData(ReadinessState.Draining, 503)]
    public async Task Ready_is_503_with_the_progress_until_a_model_answers(ReadinessState state, int status)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Fleet.Current = new ModelReadiness { State = state, Progress = 0.5 };
        using HttpResponseMessage response = await host.Client.GetAsync("/health/ready");
        Assert.Equal(status, (int)response.StatusCode);
        JsonElement answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(state.ToString().ToLowerInvariant(), answer.GetProperty("status").GetString());
        Assert.Equal(0.5, answer.GetProperty("progress").GetDouble());
        Assert.Equal("silo/cpu0", answer.GetProperty("instances")[0].GetProperty("id").GetString());
    }
}
