using XLLM.Cli.Client;
using XLLM.Cli.Terminal;

namespace XLLM.Cli.Chat;

/// <summary>What a line that begins with a slash does.</summary>
internal sealed class ChatCommands(Conversation talk, ChatStream stream, TextWriter output)
{
    private const string Help = """
        /reset          forget the conversation, keep the system message (also /clear)
        /system [TEXT]  set the system message; without TEXT there is none
        /model [NAME]   talk to another model of the server; without NAME list them
        /save FILE      write the conversation to FILE: JSON when it ends in .json, else Markdown
        /exit           leave (also /quit, Ctrl-D)
        """;

    /// <summary>Carries a command out. False = the chat is over.</summary>
    public async Task<bool> RunAsync(string line, CancellationToken cancellationToken)
    {
        int space = line.IndexOfAny([' ', '\n']);
        string name = space < 0 ? line : line[..space];
        string argument = space < 0 ? "" : line[(space + 1)..].Trim();
        switch (name)
        {
            case "/exit" or "/quit":
                return false;
            case "/help":
                await output.WriteLineAsync(Help);
                break;
            case "/reset" or "/clear":
                talk.Reset();
                await output.WriteLineAsync("The conversation is forgotten.");
                break;
            case "/system":
                talk.SetSystem(argument);
                await output.WriteLineAsync(argument.Length > 0 ? "The system message is set." : "There is no system message now.");
                break;
            case "/model":
                await ChooseAsync(argument, cancellationToken);
                break;
            case "/save":
                await SaveAsync(argument, cancellationToken);
                break;
            default:
                await output.WriteLineAsync($"There is no command {AnsiText.Clean(name)}; /help lists them.");
                break;
        }

        await output.FlushAsync(cancellationToken);
        return true;
    }

    private async Task ChooseAsync(string name, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> names;
        try
        {
            names = await stream.ModelsAsync(cancellationToken);
        }
        catch (Exception e) when (e is OpenAiErrorException or HttpRequestException)
        {
            await output.WriteLineAsync($"[error] {AnsiText.Clean(e.Message)}");
            return;
        }

        if (name.Length > 0 && names.Contains(name))
        {
            talk.Model = name;
            await output.WriteLineAsync($"Talking to {name}.");
            return;
        }

        if (name.Length > 0)
        {
            await output.WriteLineAsync($"The server has no model {AnsiText.Clean(name)}. It has:");
        }

        foreach (string known in names)
        {
            await output.WriteLineAsync($"{(known == talk.Model ? "*" : " ")} {AnsiText.Clean(known)}");
        }
    }

    private async Task SaveAsync(string path, CancellationToken cancellationToken)
    {
        if (path.Length == 0)
        {
            await output.WriteLineAsync("/save needs the name of a file.");
            return;
        }

        try
        {
            // CreateNew: nothing is overwritten.
            await using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write);
            await using StreamWriter writer = new(file);
            bool json = path.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
            await writer.WriteAsync((json ? talk.Messages.ToJsonString(Indented) : talk.ToMarkdown()).AsMemory(), cancellationToken);
            await output.WriteLineAsync($"Saved to {path}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            await output.WriteLineAsync(File.Exists(path) ? $"{path} is there already; choose another name." : $"[error] {e.Message}");
        }
    }

    private static readonly System.Text.Json.JsonSerializerOptions Indented = new() { WriteIndented = true };
}
