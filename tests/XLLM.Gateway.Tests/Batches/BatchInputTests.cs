using System.Net;
using System.Text;
using System.Text.Json;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Batches;

/// <summary>Input files and requests for batches that are wrong.</summary>
public sealed class BatchInputTests
{
    [Fact]
    public async Task Every_fault_is_told_with_its_line()
    {
        await using StoreHost host = await StoreHost.StartAsync(configure: o => o.MaxBodyBytes = 2000);
        byte[][] lines =
        [
            Utf8(StoreHost.Line("good")),
            Utf8("{\"custom_id\":"),
            [(byte)'"', 0xff, 0xfe, (byte)'"'],
            Utf8(StoreHost.Line("good")),
            Utf8(StoreHost.Line("a", url: "/v1/completions")),
            Utf8(StoreHost.Line("b", url: "http://elsewhere/v1/chat/completions")),
            Utf8(StoreHost.Line("c", method: "GET")),
            Utf8("{\"custom_id\":\"" + new string('x', 10_000) + "\"}"),
            Utf8(StoreHost.Line("")),
            Utf8("[]"),
            Utf8("{\"custom_id\":\"d\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":[]}"),
            Utf8("{\"custom_id\":\"e\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"stream\":true}}"),
            Utf8("{\"custom_id\":\"f\",\"custom_id\":\"g\"}"),
            Utf8("{\"custom_id\":\"\\ud800\",\"method\":\"POST\"}"),
            Utf8(new string('[', 200)),
        ];
        using MemoryStream input = new();
        foreach (byte[] line in lines)
        {
            input.Write(line);
            input.WriteByte((byte)'\n');
        }

        JsonElement file = await host.AskAsync(HttpMethod.Post, "/v1/files", StoreHost.Form(input.ToArray()));
        JsonElement made = await host.CreateAsync(
            new
            {
                input_file_id = file.GetProperty("id").GetString(), endpoint = "/v1/chat/completions", completion_window = "24h",
            });
        JsonElement batch = await host.EndAsync(made.GetProperty("id").GetString()!, "failed");
        (int, string)[] faults =
        [
            .. batch.GetProperty("errors").GetProperty("data").EnumerateArray()
                .Select(e => (e.GetProperty("line").GetInt32(), e.GetProperty("code").GetString()!)),
        ];
        Assert.Equal(
            [
                (2, "invalid_json_line"), (3, "invalid_json_line"), (4, "duplicate_custom_id"), (5, "invalid_url"),
                (6, "invalid_url"), (7, "invalid_method"), (8, "line_too_large"), (9, "invalid_custom_id"),
                (10, "invalid_json_line"), (11, "invalid_body"),
                (12, "invalid_body"), (13, "invalid_json_line"), (14, "invalid_json_line"), (15, "invalid_json_line"),
            ],
            faults);
        Assert.Equal(0, host.Backend.Submits);
        Assert.Equal(JsonValueKind.Number, batch.GetProperty("failed_at").ValueKind);
        await host.AskAsync(HttpMethod.Delete, "/v1/files/" + file.GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("", "empty_file")]
    [InlineData("\n \n\t\r\n", "empty_file")]
    [InlineData("3", "too_many_requests")]
    public async Task Files_without_requests_or_with_too_many_fail(string text, string code)
    {
        await using StoreHost host = await StoreHost.StartAsync(configure: o => o.MaxBatchLines = 2);
        JsonElement batch = await host.EndAsync(await host.SubmitAsync(text == "3" ? StoreHost.Lines(3) : text), "failed");
        JsonElement fault = Assert.Single(batch.GetProperty("errors").GetProperty("data").EnumerateArray());
        Assert.Equal(code, fault.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_file_of_line_feeds_and_one_endless_line_costs_no_memory()
    {
        await using StoreHost host = await StoreHost.StartAsync(configure: o => o.MaxBodyBytes = 1024);
        byte[] giant = new byte[8 << 20];
        giant.AsSpan(0, 4 << 20).Fill((byte)'\n');
        giant.AsSpan(4 << 20).Fill((byte)'{');
        JsonElement file = await host.AskAsync(HttpMethod.Post, "/v1/files", StoreHost.Form(giant));
        JsonElement made = await host.CreateAsync(
            new
            {
                input_file_id = file.GetProperty("id").GetString(), endpoint = "/v1/chat/completions", completion_window = "24h",
            });
        JsonElement batch = await host.EndAsync(made.GetProperty("id").GetString()!, "failed");
        JsonElement fault = Assert.Single(batch.GetProperty("errors").GetProperty("data").EnumerateArray());
        Assert.Equal(
            ("line_too_large", (4 << 20) + 1), (fault.GetProperty("code").GetString()!, fault.GetProperty("line").GetInt32()));
    }

    [Fact]
    public async Task Requests_for_batches_that_are_wrong_are_refused()
    {
        await using StoreHost host = await StoreHost.StartAsync();
        string file = await host.UploadAsync(StoreHost.Lines(1));
        string other = await host.UploadAsync("x", "user_data");
        const string Chat = "/v1/chat/completions";
        (object Body, string Param)[] cases =
        [
            (new { endpoint = Chat, completion_window = "24h" }, "input_file_id"),
            (new { input_file_id = "file-none", endpoint = Chat, completion_window = "24h" }, "input_file_id"),
            (new { input_file_id = "../gateway.db", endpoint = Chat, completion_window = "24h" }, "input_file_id"),
            (new { input_file_id = other, endpoint = Chat, completion_window = "24h" }, "input_file_id"),
            (new { input_file_id = file, endpoint = "/v1/files", completion_window = "24h" }, "endpoint"),
            (new { input_file_id = file, endpoint = "/v1/batches", completion_window = "24h" }, "endpoint"),
            (new { input_file_id = file, endpoint = Chat }, "completion_window"),
            (new { input_file_id = file, endpoint = Chat, completion_window = "" }, "completion_window"),
            (new { input_file_id = file, endpoint = Chat, completion_window = "0h" }, "completion_window"),
            (new { input_file_id = file, endpoint = Chat, completion_window = "8d" }, "completion_window"),
            (new { input_file_id = file, endpoint = Chat, completion_window = "-1h" }, "completion_window"),
            (new { input_file_id = file, endpoint = Chat, completion_window = "24h", metadata = new { a = 1 } }, "metadata.a"),
            (new { input_file_id = file, endpoint = Chat, completion_window = "24h", metadata = "a" }, "metadata"),
            (
                new
                {
                    input_file_id = file, endpoint = Chat, completion_window = "24h",
                    output_expires_after = new { anchor = "created_at", seconds = 1 },
                },
                "output_expires_after.seconds"),
        ];
        foreach ((object body, string param) in cases)
        {
            JsonElement error = await host.CreateAsync(body, HttpStatusCode.BadRequest);
            Assert.Equal(param, error.GetProperty("error").GetProperty("param").GetString());
        }

        Assert.Empty((await host.GetAsync("/v1/batches")).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task The_input_of_a_batch_that_is_not_over_cannot_be_deleted()
    {
        await using StoreHost host = await StoreHost.StartAsync();
        host.Backend.OnSubmit = _ => ScriptedRun.Accept();
        string file = await host.UploadAsync(StoreHost.Lines(1));
        JsonElement batch = await host.CreateAsync(new
        {
            input_file_id = file, endpoint = "/v1/chat/completions", completion_window = "24h",
            metadata = new { name = "nightly" },
        });
        Assert.Equal("""{"name":"nightly"}""", batch.GetProperty("metadata").GetRawText());
        await host.AskAsync(HttpMethod.Delete, "/v1/files/" + file, null, HttpStatusCode.Conflict);
        string id = batch.GetProperty("id").GetString()!;
        await host.AskAsync(HttpMethod.Post, $"/v1/batches/{id}/cancel");
        await host.EndAsync(id, "cancelled");
        await host.AskAsync(HttpMethod.Delete, "/v1/files/" + file);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
