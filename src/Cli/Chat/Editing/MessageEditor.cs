using System.Text;
using XLLM.Cli.Terminal;

namespace XLLM.Cli.Chat.Editing;

/// <summary>
/// Messages typed at a terminal. Enter sends; Alt-Enter, Ctrl-J and a backslash before Enter begin another line, and so do the line ends
/// of a pasted text. Up and down go through the lines and then the history; Ctrl-C drops what is typed, Ctrl-D on nothing ends the chat.
/// </summary>
internal sealed class MessageEditor(IKeyboard keyboard, TextWriter output, EditHistory history) : IMessageReader
{
    private const string Prompt = "> ";
    private const string More = "  ";

    private readonly EditBuffer _buffer = new();
    private string _typed = "";
    private int _entry;
    private int _cursorRow;

    public Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        _buffer.Set("");
        _typed = "";
        _entry = history.Entries.Count;
        _cursorRow = 0;
        Draw();
        while (!cancellationToken.IsCancellationRequested)
        {
            ConsoleKeyInfo key = keyboard.Read();
            if (Apply(key) is not { } end)
            {
                // A pasted text is drawn once.
                if (!keyboard.HasMore)
                {
                    Draw();
                }

                continue;
            }

            _buffer.Set(_buffer.Text);
            Draw();
            output.Write('\n');
            output.Flush();
            if (end is { Length: > 0 } and not EndOfChat)
            {
                history.Add(end);
            }

            return Task.FromResult(end == EndOfChat ? null : end);
        }

        return Task.FromResult<string?>(null);
    }

    // No message has a NUL: terminals do not send it as text.
    private const string EndOfChat = "\0";

    // The message when the key ended it; null = go on.
    private string? Apply(ConsoleKeyInfo key)
    {
        bool control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        bool alt = key.Modifiers.HasFlag(ConsoleModifiers.Alt);
        switch (key.Key)
        {
            case ConsoleKey.Enter when alt || control || keyboard.HasMore:
            case ConsoleKey.J when control:
                _buffer.Insert("\n");
                break;
            case ConsoleKey.Enter:
                return TryEnd();
            case ConsoleKey.D when control && _buffer.IsEmpty:
                return EndOfChat;
            case ConsoleKey.C when control:
                _buffer.Set("");
                _entry = history.Entries.Count;
                break;
            case ConsoleKey.UpArrow:
                if (!_buffer.Up())
                {
                    Recall(_entry - 1);
                }

                break;
            case ConsoleKey.DownArrow:
                if (!_buffer.Down())
                {
                    Recall(_entry + 1);
                }

                break;
            case ConsoleKey.P when control:
                Recall(_entry - 1);
                break;
            case ConsoleKey.N when control:
                Recall(_entry + 1);
                break;
            default:
                Edit(key, control, alt);
                break;
        }

        return null;
    }

    private void Edit(ConsoleKeyInfo key, bool control, bool alt)
    {
        switch (key.Key)
        {
            case ConsoleKey.LeftArrow when control || alt:
            case ConsoleKey.B when alt:
                _buffer.WordLeft();
                break;
            case ConsoleKey.RightArrow when control || alt:
            case ConsoleKey.F when alt:
                _buffer.WordRight();
                break;
            case ConsoleKey.LeftArrow:
            case ConsoleKey.B when control:
                _buffer.Left();
                break;
            case ConsoleKey.RightArrow:
            case ConsoleKey.F when control:
                _buffer.Right();
                break;
            case ConsoleKey.Home:
            case ConsoleKey.A when control:
                _buffer.Home();
                break;
            case ConsoleKey.End:
            case ConsoleKey.E when control:
                _buffer.End();
                break;
            case ConsoleKey.Backspace when control || alt:
            case ConsoleKey.W when control:
                _buffer.DeleteWordBefore();
                break;
            case ConsoleKey.Backspace:
            case ConsoleKey.H when control:
                _buffer.Backspace();
                break;
            case ConsoleKey.Delete:
            case ConsoleKey.D when control:
                _buffer.Delete();
                break;
            case ConsoleKey.U when control:
                _buffer.DeleteToLineBegin();
                break;
            case ConsoleKey.K when control:
                _buffer.DeleteToLineEnd();
                break;
            case ConsoleKey.L when control:
                output.Write("\e[H\e[2J");
                _cursorRow = 0;
                break;
            default:
                if (key.KeyChar == '\t' || !char.IsControl(key.KeyChar))
                {
                    _buffer.Insert(key.KeyChar == '\t' ? "  " : key.KeyChar.ToString());
                }

                break;
        }
    }

    private string? TryEnd()
    {
        string text = _buffer.Text;
        if (_buffer.Cursor == text.Length && text.EndsWith('\\'))
        {
            _buffer.Backspace();
            _buffer.Insert("\n");
            return null;
        }

        return text;
    }

    private void Recall(int entry)
    {
        if (entry < 0 || entry > history.Entries.Count || entry == _entry)
        {
            return;
        }

        if (_entry == history.Entries.Count)
        {
            _typed = _buffer.Text;
        }

        _entry = entry;
        _buffer.Set(entry == history.Entries.Count ? _typed : history.Entries[entry]);
    }

    // Up to the prompt's row, everything anew, then the cursor to its place.
    private void Draw()
    {
        StringBuilder frame = new();
        if (_cursorRow > 0)
        {
            frame.Append($"\e[{_cursorRow}A");
        }

        frame.Append("\r\e[J");
        (int row, int column) end = (0, 0);
        (int Row, int Column) cursor = (0, 0);
        string text = _buffer.Text;
        int width = keyboard.Width;
        Put(frame, Prompt, ref end, width);
        for (int i = 0; i <= text.Length; i++)
        {
            if (i == _buffer.Cursor)
            {
                cursor = end;
            }

            if (i == text.Length)
            {
                break;
            }

            if (text[i] == '\n')
            {
                frame.Append("\r\n");
                end = (end.row + 1, 0);
                Put(frame, More, ref end, width);
            }
            else
            {
                int length = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
                Put(frame, text.Substring(i, length), ref end, width);
                i += length - 1;
            }
        }

        if (end.row > cursor.Row)
        {
            frame.Append($"\e[{end.row - cursor.Row}A");
        }

        frame.Append('\r');
        if (cursor.Column > 0)
        {
            frame.Append($"\e[{cursor.Column}C");
        }

        _cursorRow = cursor.Row;
        output.Write(frame);
        output.Flush();
    }

    private static void Put(StringBuilder frame, string text, ref (int Row, int Column) at, int width)
    {
        int columns = text is Prompt or More ? text.Length : CharacterWidth.Of(text);
        if (at.Column + columns > width)
        {
            // Terminals differ in when they go to the next row after the last column: it is gone to here.
            frame.Append("\r\n");
            at = (at.Row + 1, 0);
        }

        frame.Append(text);
        at.Column += columns;
    }
}
