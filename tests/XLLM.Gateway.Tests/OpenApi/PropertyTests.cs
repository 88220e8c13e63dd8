using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Xunit.Abstractions;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.OpenApi;

/// <summary>
/// Requests drawn from the document, valid and not, against the whole house: each is answered in time, by what the document says, and
/// nothing is left behind. XLLM_PROPERTY_RUNS sets their number, XLLM_PROPERTY_SEED the seed; a failure prints seed, number and request, and
/// XLLM_PROPERTY_ONLY sends that number alone.
/// </summary>
public sealed class PropertyTests(ITestOutputHelper output)
{
    private const int DefaultRuns = 2_000;
    private const int Parallel = 6;
    private const int MaxIds = 64;
    private const int MaxFaults = 30;
    private const int Parts = 8;

    [Fact]
    public async Task Whatever_the_document_lets_one_send_is_answered_as_it_says_and_leaves_nothing_behind()
    {
        int seed = Setting("XLLM_PROPERTY_SEED", 20260307);
        int runs = Setting("XLLM_PROPERTY_RUNS", DefaultRuns);
        int only = Setting("XLLM_PROPERTY_ONLY", -1);
        await using SimulatedHouse house = await SimulatedHouse.StartAsync(o =>
        {
            o.MaxChoices = 16;
            o.MaxBodyBytes = 1 << 20;
            o.MaxEmbeddingInputs = 100;
            o.MaxMessages = 200;
            o.MaxStoredResponses = 50;
        });
        ApiSchemas api = ApiSchemas.Of(house.Options);
        var run = new Run(house, api, seed);
        output.WriteLine($"seed {seed}, {runs} requests");
        if (only >= 0)
        {
            await run.SendAsync(only);
            Assert.True(run.Faults.IsEmpty, string.Join("\n\n", run.Faults));
            return;
        }

        List<(long Memory, int Handles)> after = [];
        for (int part = 0; part < Parts; part++)
        {
            await run.SendAllAsync(runs * part / Parts, runs * (part + 1) / Parts);
            Assert.True(run.Faults.IsEmpty, string.Join("\n\n", run.Faults));
            await house.AssertNothingLeftAsync();
            after.Add(Measure());
        }

        output.WriteLine($"{string.Join(", ", run.Seen.OrderBy(s => s.Key).Select(s => $"{s.Key}: {s.Value}"))}; "
            + $"valid ones answered 200: {run.ValidTaken} of {run.Valid}; MiB and handles after each part: "
            + string.Join(", ", after.Select(a => $"{a.Memory >> 20} and {a.Handles}")));
        Assert.True(run.ValidTaken * 10 > run.Valid * 4, $"Only {run.ValidTaken} of {run.Valid} valid requests were answered with 200.");

        // Pools and caches fill up in the first parts; what is lost for every request goes on growing.
        Assert.InRange(after[^1].Memory - after[Parts / 2].Memory, long.MinValue, 96L << 20);
        Assert.InRange(after[^1].Handles - after[Parts / 2].Handles, int.MinValue, 64);
        string[] errors = [.. house.Logs.Lines.Where(l => l.Level >= LogLevel.Error).Select(l => l.Line)];
        Assert.True(errors.Length == 0, string.Join('\n', errors.Take(10)));
    }

    private static (long Memory, int Handles) Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using Process self = Process.GetCurrentProcess();
        return (GC.GetTotalMemory(forceFullCollection: true), Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : self.HandleCount);
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : otherwise;

    private sealed class Run(SimulatedHouse house, ApiSchemas api, int seed)
    {
        // Refusals of requests that the document allows: fields that do not go together, and what only the model knows.
        private static readonly string[] Known = ["context_length_exceeded", "model_not_found", "queue_full", "response_not_found", "admin_key_needed", "invalid_schema"];

        private readonly SchemaCheck _check = new(api);
        private readonly ConcurrentQueue<string> _ids = [];
        private int _valid;
        private int _validTaken;

        public ConcurrentDictionary<int, int> Seen { get; } = new();

        /// <summary>What went wrong; a run that has found this many goes no further.</summary>
        public ConcurrentQueue<string> Faults { get; } = [];

        public int Valid => _valid;

        public int ValidTaken => _validTaken;

        public Task SendAllAsync(int first, int end) => System.Threading.Tasks.Parallel.ForAsync(
            first, end, new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (number, _) => await SendAsync(number));

        public async Task SendAsync(int number)
        {
            if (Faults.Count >= MaxFaults)
            {
                return;
            }

            // Ids are what they are: a replay of one number has none, and asks for things that are not there.
            DrawnRequest request = DrawnRequest.Draw(api, new Random(unchecked((seed * 1_000_003) + number)), [.. _ids]);
            string shown = $"seed {seed}, number {number}: {request}";
            using HttpRequestMessage message = request.ToMessage();
            HttpResponseMessage response;
            string text;
            try
            {
                response = await house.Client.SendAsync(message);
                text = await response.Content.ReadAsStringAsync();
            }
            catch (Exception exception) when (exception is TaskCanceledException or HttpRequestException or IOException)
            {
                Faults.Enqueue($"No answer: {exception.Message} for {shown}");
                return;
            }

            using (response)
            {
                int status = (int)response.StatusCode;
                Seen.AddOrUpdate(status, 1, (_, count) => count + 1);
                string? media = response.Content.Headers.ContentType?.MediaType;
                string? fault = FaultOf(request, status, media, text);
                if (fault is not null)
                {
                    Faults.Enqueue($"{fault}\n{status} {media} {(text.Length > 600 ? text[..600] : text)}\nfor {shown}");
                }

                Count(request, status, text);
            }
        }

        private void Count(DrawnRequest request, int status, string text)
        {
            if (request.Fault is null && request.Body is not null)
            {
                Interlocked.Increment(ref _valid);
                if (status == 200)
                {
                    Interlocked.Increment(ref _validTaken);
                }
            }

            if (status == 200 && text.StartsWith("{\"id\":\"", StringComparison.Ordinal))
            {
                _ids.Enqueue(JsonNode.Parse(text)!["id"]!.GetValue<string>());
                while (_ids.Count > MaxIds)
                {
                    _ids.TryDequeue(out _);
                }
            }
        }

        private string? FaultOf(DrawnRequest request, int status, string? media, string text)
        {
            if (status >= 500 && !(status == 503 && request.Url.StartsWith("/health", StringComparison.Ordinal)))
            {
                return "A fault of ours.";
            }

            // A path that was drawn may be none of this route's.
            bool isHere = status is 404 or 405 or 200 || request.Operation["responses"]!.AsObject().ContainsKey(status.ToString(CultureInfo.InvariantCulture));
            if (!isHere)
            {
                return "A status that the document does not have.";
            }

            // Kestrel's own, before anything of ours.
            if (status == 400 && text.Length == 0 && request.Url.Contains("%00", StringComparison.Ordinal))
            {
                return null;
            }

            if (status >= 400)
            {
                return OfError(request, text);
            }

            if (media == "text/event-stream")
            {
                return OfStream(request, text);
            }

            return ApiSchemas.AnswerOf(request.Operation, 200) is { } schema && media == "application/json" && request.Method != "GET"
                ? _check.Find(schema, JsonNode.Parse(text))
                : null;
        }

        private string? OfError(DrawnRequest request, string text)
        {
            JsonNode? error;
            try
            {
                error = JsonNode.Parse(text);
            }
            catch (JsonException)
            {
                return "An error that is no JSON.";
            }

            bool isAnthropic = request.Url.StartsWith("/v1/messages", StringComparison.Ordinal);
            string? fault = _check.Find(api.Document["components"]!["schemas"]![isAnthropic ? "AnthropicError" : "Error"]!, error);
            if (fault is not null)
            {
                return fault;
            }

            bool isValid = request.Fault is null && request.MediaType == "application/json" && !isAnthropic;
            string code = isValid ? error!["error"]!["code"]!.GetValue<string>() : "";
            return isValid && !Known.Contains(code) && !Depends(request, error!["error"]!) && !Combinations.Explain(JsonNode.Parse(request.Body!)!, error["error"]!)
                ? "A request that the document allows is refused."
                : null;
        }

        private bool Depends(DrawnRequest request, JsonNode error) =>
            error["param"]?.GetValue<string>().Split('.', '[')[0] is { } param
            && ApiSchemas.BodyOf(request.Operation) is { } schema
            && (api.Resolve(schema)["anyOf"]?.AsArray() ?? [schema.DeepClone()]).Any(v => api.Resolve(v!)["properties"]?[param]?["x-depends"] is not null);

        private static string? OfStream(DrawnRequest request, string text)
        {
            bool isEnded = request.Url switch
            {
                "/v1/messages" => text.Contains("event: message_stop", StringComparison.Ordinal) || text.Contains("event: error", StringComparison.Ordinal),
                "/v1/responses" => text.Contains("event: response.completed", StringComparison.Ordinal) || text.Contains("event: response.incomplete", StringComparison.Ordinal),
                _ => text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal),
            };
            return isEnded ? null : "A stream without its end.";
        }
    }
}
