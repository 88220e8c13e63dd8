using System.Text;
using System.Text.Json.Nodes;
using XLLM.Cli.Client;

namespace XLLM.Cli.Chat;

/// <summary>
/// A chat in the terminal. A line is a message; a line that ends in a backslash goes on in the next. Commands: /clear, /system
/// TEXT, /exit. Ctrl-C ends the answer that is being written, at the prompt the program.
/// </summary>
internal sealed class TerminalChat(ChatStream stream, string model, JsonObject options, TextReader input, TextWriter output, bool interactive)
{
    private readonly JsonArray _messages = [];
    private CancellationTokenSource? _answering;

    public void SetSystem(string? text)
    {
        if (_messages is [{ } first, ..] && (string?)first["role"] == "system")
        {
            _messages.RemoveAt(0);
        }

        if (!string.IsNullOrEmpty(text))
        {
            _messages.Insert(0, new JsonObject { ["role"] = "system", ["content"] = text });
        }
    }

    /// <summary>Ends the answer in progress. False = there is none.</summary>
    public bool Interrupt()
    {
        if (_answering is not { } answering)
        {
            return false;
        }

        answering.Cancel();
        return true;
    }

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (interactive)
            {
                await output.WriteAsync("> ");
                await output.FlushAsync(cancellationToken);
            }

            if (await ReadMessageAsync(cancellationToken) is not { } line || line.Trim() is "/exit" or "/quit")
            {
                return 0;
            }

            switch (line.Trim())
            {
                case "":
                    continue;
                case "/clear":
                    _messages.Clear();
                    continue;
                case "/help":
                    await output.WriteLineAsync("/clear forgets the conversation, /system TEXT sets the system message, /exit leaves.");
                    continue;
                case var text when text.StartsWith("/system", StringComparison.Ordinal):
                    SetSystem(text["/system".Length..].Trim());
                    continue;
            }

            await AskAsync(line, cancellationToken);
        }

        return 0;
    }

    /// <summary>Sends one message and writes the answer. False = it failed; the message is taken back.</summary>
    public async Task<bool> AskAsync(string message, CancellationToken cancellationToken)
    {
        _messages.Add(new JsonObject { ["role"] = "user", ["content"] = message });
        StringBuilder answer = new();
        using CancellationTokenSource answering = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _answering = answering;
        try
        {
            await foreach (string piece in stream.AnswerAsync(model, _messages, options, answering.Token))
            {
                answer.Append(piece);
                await output.WriteAsync(piece);
                await output.FlushAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await output.WriteAsync(" [stopped]");
        }
        catch (Exception e) when (e is OpenAiErrorException or HttpRequestException or IOException)
        {
            _messages.RemoveAt(_messages.Count - 1);
            await output.WriteLineAsync($"[error] {e.Message}");
            return false;
        }
        finally
        {
            _answering = null;
        }

        await output.WriteLineAsync();
        _messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = answer.ToString() });
        return true;
    }

    private async Task<string?> ReadMessageAsync(CancellationToken cancellationToken)
    {
        StringBuilder message = new();
        while (await input.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.EndsWith('\\'))
            {
                return message.Append(line).ToString();
            }

            message.Append(line, 0, line.Length - 1).Append('\n');
        }

        return message.Length > 0 ? message.ToString() : null;
    }
}
