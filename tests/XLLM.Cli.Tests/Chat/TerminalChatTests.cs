using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using XLLM.Cli.Chat;

namespace XLLM.Cli.Tests.Chat;

public sealed class TerminalChatTests
{
    [Fact]
    public async Task An_answer_is_written_as_it_comes_and_stays_in_the_conversation()
    {
        FakeServer server = new("data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"lo\"}}]}\n\ndata: [DONE]\n\n");
        StringWriter output = new();
        TerminalChat chat = server.Chat("first\nsecond\n/exit\n", output);

        Assert.Equal(0, await chat.RunAsync(default));

        Assert.Equal(["Hello", "Hello"], output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim()));
        JsonArray messages = server.Bodies[1]["messages"]!.AsArray();
        Assert.Equal(["user", "assistant", "user"], messages.Select(m => (string?)m!["role"]));
        Assert.Equal("Hello", (string?)messages[1]!["content"]);
    }

    [Fact]
    public async Task An_error_of_the_server_is_shown_and_the_message_taken_back()
    {
        FakeServer server = new("{\"error\":{\"message\":\"too long\"}}", HttpStatusCode.BadRequest);
        StringWriter output = new();
        TerminalChat chat = server.Chat("first\nsecond\n", output);

        await chat.RunAsync(default);

        Assert.Contains("[error] 400 too long", output.ToString());
        Assert.Single(server.Bodies[1]["messages"]!.AsArray());
    }

    [Fact]
    public async Task Commands_change_the_conversation_and_are_not_sent()
    {
        FakeServer server = new("data: [DONE]\n\n");
        TerminalChat chat = server.Chat("/system Be brief.\nfirst\n/clear\nsecond\\\nline\n", TextWriter.Null);

        await chat.RunAsync(default);

        Assert.Equal(["system", "user"], server.Bodies[0]["messages"]!.AsArray().Select(m => (string?)m!["role"]));
        Assert.Equal("second\nline", (string?)Assert.Single(server.Bodies[1]["messages"]!.AsArray())!["content"]);
    }

    private sealed class FakeServer(string answer, HttpStatusCode status = HttpStatusCode.OK) : HttpMessageHandler
    {
        public List<JsonNode> Bodies { get; } = [];

        public TerminalChat Chat(string input, TextWriter output) => new(
            new ChatStream(new HttpClient(this) { BaseAddress = new Uri("http://localhost/") }),
            "model", [], new StringReader(input), output, interactive: false);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Bodies.Add(JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!);
            return new HttpResponseMessage(status) { Content = new StringContent(answer, Encoding.UTF8) };
        }
    }
}
