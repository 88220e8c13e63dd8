using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using XLLM.Cli.Chat;
using XLLM.Cli.Chat.Editing;
using XLLM.Cli.Client;
using XLLM.Cli.Hosting;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm chat</c>: a chat in the terminal with a running server, or with a model served for the occasion.</summary>
internal static class ChatCommand
{
    private const string DefaultUrl = "http://127.0.0.1:8000";

    public static Command Create()
    {
        Option<string?> model = ModelOption.Create();
        Option<string?> url = new("--url") { Description = $"a running server; default {DefaultUrl} when it answers" };
        Option<string?> apiKey = new("--api-key") { Description = "key of the server; default: XLLM_API_KEY" };
        Option<string?> system = new("--system") { Description = "system message" };
        Option<string?> prompt = new("--prompt", "-p") { Description = "ask this, print the answer and leave" };
        Option<double?> temperature = new("--temperature") { Description = "0 = the best token each time" };
        Option<int?> maxTokens = new("--max-tokens") { Description = "most tokens of an answer" };
        Option<long?> seed = new("--seed") { Description = "the same seed gives the same answer" };
        Command command = new("chat", "Chat in the terminal.") { model, url, apiKey, system, prompt, temperature, maxTokens, seed };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            JsonObject options = [];
            Put(options, "temperature", parse.GetValue(temperature));
            Put(options, "max_tokens", parse.GetValue(maxTokens));
            Put(options, "seed", parse.GetValue(seed));

            string? key = parse.GetValue(apiKey) ?? Environment.GetEnvironmentVariable("XLLM_API_KEY");
            await using ServerHost? own = await OwnServerAsync(parse.GetValue(url), parse.GetValue(model), cancel);
            using HttpClient http = new()
            {
                BaseAddress = new Uri((own?.Url ?? parse.GetValue(url) ?? DefaultUrl).TrimEnd('/') + "/"),
                Timeout = Timeout.InfiniteTimeSpan,
            };
            if (!string.IsNullOrEmpty(key))
            {
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            }

            ChatStream stream = new(http);
            string name = (await stream.ModelsAsync(cancel)).FirstOrDefault()
                ?? throw new OpenAiErrorException("The server has no model.");
            TerminalChat chat = new(stream, name, options, ReaderOf(), Console.Out, IsStyled());
            chat.Talk.SetSystem(parse.GetValue(system));
            Console.CancelKeyPress += (_, e) => e.Cancel = chat.Interrupt();
            if (parse.GetValue(prompt) is { } text)
            {
                return await chat.AskAsync(text, cancel) ? 0 : 1;
            }

            if (!Console.IsInputRedirected)
            {
                Console.WriteLine($"{name} at {http.BaseAddress}  (/help for commands)");
            }

            return await chat.RunAsync(cancel);
        }));
        return command;
    }

    // Without a terminal on both sides a line is a message.
    private static IMessageReader ReaderOf() => Console.IsInputRedirected || Console.IsOutputRedirected
        ? new LineReader(Console.In)
        : new MessageEditor(new ConsoleKeyboard(), Console.Out, new EditHistory(EditHistory.DefaultPath()));

    // https://no-color.org
    private static bool IsStyled() => !Console.IsOutputRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>Serves the model when one is named, or when no server was named and none answers at the default address.</summary>
    private static async Task<ServerHost?> OwnServerAsync(string? url, string? model, CancellationToken cancellationToken)
    {
        if (url is not null || (model is null && await AnswersAsync(DefaultUrl, cancellationToken)))
        {
            return null;
        }

        (string name, string path) = await ModelOption.FindAsync(model, cancellationToken);
        return await ServerHost.StartAsync(new ServeSettings { Model = path, Name = name, Port = 0, Quiet = true }, cancellationToken);
    }

    private static async Task<bool> AnswersAsync(string url, CancellationToken cancellationToken)
    {
        using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(2) };
        try
        {
            using HttpResponseMessage response = await http.GetAsync(new Uri(url + "/health/ready"), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private static void Put(JsonObject options, string key, JsonNode? value)
    {
        if (value is not null)
        {
            options[key] = value;
        }
    }
}
