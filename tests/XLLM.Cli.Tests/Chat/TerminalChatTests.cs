using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using XLLM.Cli.Chat;
using XLLM.Cli.Chat.Editing;

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
        Assert.Equal(["Be brief.", "second\nline"], server.Bodies[1]["messages"]!.AsArray().Select(m => (string?)m!["content"]));
    }

    [Fact]
    public async Task A_conversation_is_saved_and_nothing_is_overwritten()
    {
        string folder = Directory.CreateTempSubdirectory("xllm-chat-").FullName;
        string text = Path.Combine(folder, "talk.md");
        string json = Path.Combine(folder, "talk.json");
        FakeServer server = new("data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\ndata: [DONE]\n\n");
        StringWriter output = new();
        await server.Chat($"first\n/save {text}\n/save {json}\n/reset\n/save {text}\n/save\n/nonsense\n", output).RunAsync(default);

        Assert.Equal("## You\n\nfirst\n\n## model\n\nHello\n\n", File.ReadAllText(text));
        Assert.Equal("Hello", (string?)JsonNode.Parse(File.ReadAllText(json))![1]!["content"]);
        Assert.Contains("is there already", output.ToString());
        Assert.Contains("no command /nonsense", output.ToString());
        Assert.Single(server.Bodies);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Another_model_is_chosen_from_those_the_server_has()
    {
        FakeServer server = new("data: [DONE]\n\n");
        StringWriter output = new();
        await server.Chat("/model\n/model other\nfirst\n/model absent\n", output).RunAsync(default);

        Assert.Equal("other", (string?)server.Bodies[0]["model"]);
        Assert.Contains("* model", output.ToString());
        Assert.Contains("no model absent", output.ToString());
    }

    [Fact]
    public async Task On_a_terminal_markdown_is_shown_and_escape_sequences_are_not()
    {
        FakeServer server = new("data: {\"choices\":[{\"delta\":{\"content\":\"**a**\\u001b[2Jb\"}}]}\n\ndata: [DONE]\n\n");
        StringWriter output = new();
        TerminalChat chat = server.Chat("", output, styled: true);
        Assert.True(await chat.AskAsync("first", default));
        Assert.Equal("\e[1ma\e[22m[2Jb" + Environment.NewLine, output.ToString());
        Assert.Equal("**a**\u001b[2Jb", (string?)chat.Talk.Messages[1]!["content"]);
    }

    private sealed class FakeServer(string answer, HttpStatusCode status = HttpStatusCode.OK) : HttpMessageHandler
    {
        public List<JsonNode> Bodies { get; } = [];

        public TerminalChat Chat(string input, TextWriter output, bool styled = false) => new(
            new ChatStream(new HttpClient(this) { BaseAddress = new Uri("http://localhost/") }),
            "model", [], new LineReader(new StringReader(input)), output, styled);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Get)
            {
                return new HttpResponseMessage { Content = new StringContent("""{"data":[{"id":"model"},{"id":"other"}]}""", Encoding.UTF8) };
            }

            Bodies.Add(JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!);
            return new HttpResponseMessage(status) { Content = new StringContent(answer, Encoding.UTF8) };
        }
    }
}
