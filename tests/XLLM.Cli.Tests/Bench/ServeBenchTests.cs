using System.Text.Json.Nodes;
using XLLM.Cli.Bench.Serve;

namespace XLLM.Cli.Tests.Bench;

public sealed class ServeBenchTests : IAsyncLifetime
{
    private FakeOpenAiServer _server = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeOpenAiServer.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_server.Url) };
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("Completions")]
    [InlineData("Words")]
    [InlineData("Chat")]
    public async Task Every_piece_is_timed_and_usage_is_believed(string name)
    {
        ServeBackend backend = Enum.Parse<ServeBackend>(name);
        RequestRecord record = await Client(backend).SendAsync(new ServeRequest(0, [300, 301, 302], 7), default);
        Assert.Null(record.Error);
        Assert.Equal((11, 8, 6), (record.InputTokens, record.OutputTokens, record.Gaps.Count));
        Assert.True(record.Ttft > 0 && record.Total >= record.Ttft);
        Assert.Equal(record.Total, record.Ttft + record.Gaps.Sum(), 9);
        JsonNode body = Assert.Single(_server.Bodies);
        Assert.Equal(("fake", 7, true, true), ((string)body["model"]!, (int)body["max_tokens"]!, (bool)body["stream"]!, (bool)body["ignore_eos"]!));
        switch (backend)
        {
            case ServeBackend.Completions:
                Assert.Equal([300, 301, 302], body["prompt"]!.AsArray().Select(t => (int)t!));
                break;
            case ServeBackend.Words:
                Assert.Equal(3, ((string)body["prompt"]!).Split(' ').Length);
                break;
            default:
                Assert.Equal(3, ((string)body["messages"]![0]!["content"]!).Split(' ').Length);
                break;
        }
    }

    [Fact]
    public async Task A_load_ends_with_a_record_of_every_request_and_refusals_are_failures()
    {
        _server.Refused = 9;
        ServeRequest[] requests = [.. Enumerable.Range(1, 20).Select(i => new ServeRequest(0, [300], i))];
        int done = 0;
        ServeReport report = await new ServeBench(Client(ServeBackend.Completions), null, TimeProvider.System)
            .RunAsync(requests, ServiceLevels.Parse([]), () => Interlocked.Increment(ref done), default);
        Assert.Equal((19, 1, 20), (report.CompletedCount, report.FailedCount, done));
        Assert.Equal("429 full", report.Requests[8].Error);
        Assert.Equal(requests.Where(r => r.OutputTokens != 9).Sum(r => r.OutputTokens + 1), report.OutputTokens);
    }

    [Fact]
    public async Task Never_more_than_the_wanted_concurrency_are_sent()
    {
        ServeRequest[] requests = [.. Enumerable.Range(0, 40).Select(_ => new ServeRequest(0, [300], 20))];
        ServeReport report = await new ServeBench(Client(ServeBackend.Chat), 3, TimeProvider.System)
            .RunAsync(requests, ServiceLevels.Parse([]), () => { }, default);
        Assert.Equal(40, report.CompletedCount);
        Assert.InRange(_server.MostRunning, 2, 3);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_failure_not_an_exception()
    {
        using HttpClient nowhere = new() { BaseAddress = new Uri("http://127.0.0.1:1/") };
        RequestRecord record = await new ServeClient(nowhere, "m", ServeBackend.Chat, true).SendAsync(new ServeRequest(0, [300], 1), default);
        Assert.NotNull(record.Error);
    }

    private ServeClient Client(ServeBackend backend) => new(_http, "fake", backend, ignoreEos: true);
}
