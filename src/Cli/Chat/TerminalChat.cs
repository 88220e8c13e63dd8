using System.Text;
using System.Text.Json.Nodes;
using XLLM.Cli.Chat.Editing;
using XLLM.Cli.Client;
using XLLM.Cli.Terminal;

namespace XLLM.Cli.Chat;

/// <summary>
/// A chat in the terminal: messages, answers as they come, and commands that begin with a slash (/help lists them). Ctrl-C ends the
/// answer that is being written.
/// </summary>
internal sealed class TerminalChat
{
    private readonly ChatStream _stream;
    private readonly JsonObject _options;
    private readonly IMessageReader _input;
    private readonly TextWriter _output;
    private readonly bool _isStyled;
    private readonly ChatCommands _commands;
    private CancellationTokenSource? _answering;

    /// <param name="stream">The server.</param>
    /// <param name="model">Name of the model to begin with.</param>
    /// <param name="options">Fields of every request, such as <c>temperature</c>.</param>
    /// <param name="input">Messages.</param>
    /// <param name="output">Answers.</param>
    /// <param name="isStyled">Markdown is shown by a terminal's means; else answers are written as they come.</param>
    public TerminalChat(ChatStream stream, string model, JsonObject options, IMessageReader input, TextWriter output, bool isStyled)
    {
        _stream = stream;
        _options = options;
        _input = input;
        _output = output;
        _isStyled = isStyled;
        Talk = new Conversation { Model = model };
        _commands = new ChatCommands(Talk, stream, output);
    }

    public Conversation Talk { get; }

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
        while (!cancellationToken.IsCancellationRequested && await _input.ReadAsync(cancellationToken) is { } message)
        {
            if (message.Trim().Length == 0)
            {
                continue;
            }

            if (message.StartsWith('/'))
            {
                if (!await _commands.RunAsync(message.Trim(), cancellationToken))
                {
                    return 0;
                }

                continue;
            }

            await AskAsync(message, cancellationToken);
        }

        return 0;
    }

    /// <summary>Sends one message and writes the answer. False = it failed; the message is taken back.</summary>
    public async Task<bool> AskAsync(string message, CancellationToken cancellationToken)
    {
        Talk.Add("user", message);
        StringBuilder answer = new();
        MarkdownStream? markdown = _isStyled ? new MarkdownStream() : null;
        using CancellationTokenSource answering = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _answering = answering;
        string ending = "";
        try
        {
            await foreach (string piece in _stream.AnswerAsync(Talk.Model, Talk.Messages, _options, answering.Token))
            {
                answer.Append(piece);
                await _output.WriteAsync(markdown?.Append(piece) ?? piece);
                await _output.FlushAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            ending = " [stopped]";
        }
        catch (Exception e) when (e is OpenAiErrorException or HttpRequestException or IOException)
        {
            Talk.TakeBack();
            await _output.WriteLineAsync($"{markdown?.Finish()}[error] {AnsiText.Clean(e.Message)}");
            return false;
        }
        finally
        {
            _answering = null;
        }

        await _output.WriteLineAsync(markdown?.Finish() + ending);
        Talk.Add("assistant", answer.ToString());
        return true;
    }
}
