using System.Net.Sockets;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Streaming;

/// <summary>Clients that leave, and clients that read slowly.</summary>
public sealed class ClientTests
{
    private const string Chat = "/v1/chat/completions";
    private static readonly object[] Hello = [new { role = "user", content = "Hi" }];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_leaves_ends_its_request_as_cancelled(bool stream)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run =>
        {
            run.Say("Once upon");
            return ScriptedRun.Accept();
        };
        using var leave = new CancellationTokenSource();
        Task<HttpResponseMessage> answer = host.Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, Chat) { Content = System.Net.Http.Json.JsonContent.Create(new { messages = Hello, stream }) },
            HttpCompletionOption.ResponseHeadersRead,
            leave.Token);
        ScriptedRun run = await host.Backend.NextAsync();
        HttpResponseMessage? response = stream ? await answer : null;
        await leave.CancelAsync();
        response?.Dispose();

        Assert.Equal(RequestOutcome.Cancelled, await run.Ended.Task.WaitAsync(TestTime.Limit));
        if (!stream)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        }

        Assert.Equal(1, host.Metrics.Of("toy").OutcomesOf(RequestOutcome.Cancelled));
        host.AssertNothingLeft();
    }

    [Fact]
    public async Task A_client_that_leaves_ends_all_its_choices()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = _ => ScriptedRun.Accept();
        using var leave = new CancellationTokenSource();
        Task answer = host.Client.PostAsync(
            Chat, System.Net.Http.Json.JsonContent.Create(new { messages = Hello, n = 3 }), leave.Token);
        ScriptedRun[] runs = [await host.Backend.NextAsync(), await host.Backend.NextAsync(), await host.Backend.NextAsync()];
        await leave.CancelAsync();
        foreach (ScriptedRun run in runs)
        {
            Assert.Equal(RequestOutcome.Cancelled, await run.Ended.Task.WaitAsync(TestTime.Limit));
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public async Task A_reader_that_falls_behind_pauses_its_request_and_resumes_it_when_it_has_read()
    {
        const int Most = 200_000;
        await using GatewayHost host = await GatewayHost.StartAsync(o => (o.HighWaterTokens, o.LowWaterTokens) = (64, 8));
        host.Fleet.Snapshot = new FleetSnapshot { Instances = [ToyFleet.StatusOf("toy", ToyFleet.Instance, contextLength: 1 << 20)] };
        host.Backend.OnSubmit = _ => ScriptedRun.Accept();
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancel) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
                await socket.ConnectAsync(context.DnsEndPoint, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        }) { BaseAddress = host.Address };
        Task<HttpResponseMessage> opening = client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, Chat)
            {
                Content = System.Net.Http.Json.JsonContent.Create(
                    new { messages = Hello, stream = true, logprobs = true, top_logprobs = 20 }),
            },
            HttpCompletionOption.ResponseHeadersRead);
        ScriptedRun run = await host.Backend.NextAsync();
        run.Say("a");
        using HttpResponseMessage response = await opening;

        // Nobody reads: the connection fills, then the buffer, then the request pauses.
        Task<bool> paused = run.NextPauseAsync();
        int said = 1;
        while (!paused.IsCompleted && said < Most)
        {
            run.Push([run.TokenOf('a')]);
            said++;
            await Task.Yield();
        }

        Assert.True(await paused);
        Task<string> reading = response.Content.ReadAsStringAsync();
        Assert.False(await run.NextPauseAsync());
        run.Finish(RequestOutcome.CompletedStop);
        SseEvents stream = SseEvents.Parse(await reading.WaitAsync(TestTime.Limit));
        Assert.Equal(new string('a', said), stream.ChatText());
        Assert.True(stream.Done);
    }
}
