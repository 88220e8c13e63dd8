using System.Text;

namespace XLLM.Cli.Chat.Editing;

/// <summary>Messages from a pipe or a file: a line each; one that ends in a backslash goes on in the next.</summary>
internal sealed class LineReader(TextReader input) : IMessageReader
{
    public async Task<string?> ReadAsync(CancellationToken cancellationToken)
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
