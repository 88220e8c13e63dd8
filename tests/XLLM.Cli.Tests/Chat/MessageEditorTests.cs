using XLLM.Cli.Chat.Editing;

namespace XLLM.Cli.Tests.Chat;

/// <summary>Messages typed key by key.</summary>
public sealed class MessageEditorTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"xllm-history-{Guid.NewGuid():N}");
    private readonly StringWriter _screen = new();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task A_line_is_edited_and_sent()
    {
        Keyboard keys = new();
        keys.Type("wrold").Press(ConsoleKey.LeftArrow, ConsoleKey.LeftArrow, ConsoleKey.LeftArrow, ConsoleKey.Backspace, ConsoleKey.LeftArrow)
            .Press(ConsoleKey.RightArrow).Type("or").Press(ConsoleKey.Delete).Press(ConsoleKey.Home).Type("hello ").Press(ConsoleKey.Enter);
        Assert.Equal("hello world", await Editor(keys).ReadAsync(default));
    }

    [Fact]
    public async Task Several_lines_come_from_a_backslash_from_alt_enter_and_from_a_paste()
    {
        Keyboard keys = new();
        keys.Type("one\\").Press(ConsoleKey.Enter).Type("two").Press(ConsoleModifiers.Alt, ConsoleKey.Enter).Paste("three\nfour")
            .Press(ConsoleKey.Enter);
        Assert.Equal("one\ntwo\nthree\nfour", await Editor(keys).ReadAsync(default));
    }

    [Fact]
    public async Task The_history_is_gone_through_and_kept_for_the_next_chat()
    {
        Keyboard keys = new();
        MessageEditor editor = Editor(keys);
        keys.Type("first").Press(ConsoleKey.Enter).Type("second\\").Press(ConsoleKey.Enter).Type("line").Press(ConsoleKey.Enter);
        await editor.ReadAsync(default);
        await editor.ReadAsync(default);

        // Up through the two lines of the newest, then to the one before; down again to what was being typed.
        MessageEditor next = Editor(keys);
        keys.Type("draft").Press(ConsoleKey.UpArrow, ConsoleKey.UpArrow, ConsoleKey.UpArrow).Press(ConsoleKey.Enter);
        Assert.Equal("first", await next.ReadAsync(default));
        keys.Type("draft").Press(ConsoleKey.UpArrow).Press(ConsoleKey.DownArrow).Press(ConsoleKey.Enter);
        Assert.Equal("draft", await next.ReadAsync(default));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(_file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task Control_c_drops_what_is_typed_and_control_d_ends_the_chat()
    {
        Keyboard keys = new();
        keys.Type("no").Press(ConsoleModifiers.Control, ConsoleKey.C).Type("yes").Press(ConsoleKey.Enter);
        MessageEditor editor = Editor(keys);
        Assert.Equal("yes", await editor.ReadAsync(default));
        keys.Press(ConsoleModifiers.Control, ConsoleKey.D);
        Assert.Null(await editor.ReadAsync(default));
        Assert.Equal(["yes"], new EditHistory(_file).Entries);
    }

    [Fact]
    public async Task A_long_line_is_broken_at_the_edge_and_the_cursor_goes_back_over_its_rows()
    {
        Keyboard keys = new() { Width = 10 };
        keys.Type("abcdefghijklmnop").Press(ConsoleKey.Enter);
        await Editor(keys).ReadAsync(default);
        string last = _screen.ToString();
        Assert.Contains("> abcdefgh\r\nijklmnop", last);
        Assert.Contains("\e[1A\r\e[J> abcdefgh\r\nijklmnop", last);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("{}")]
    public void A_broken_history_file_costs_the_history_only(string text)
    {
        File.WriteAllText(_file, text);
        EditHistory history = new(_file);
        Assert.Empty(history.Entries);
        history.Add("again");
        Assert.Equal(["again"], new EditHistory(_file).Entries);
    }

    private MessageEditor Editor(Keyboard keys) => new(keys, _screen, new EditHistory(_file));

    private sealed class Keyboard : IKeyboard
    {
        private readonly Queue<(ConsoleKeyInfo Key, bool HasMore)> _keys = [];
        private bool _hasMore;

        public bool HasMore => _hasMore;

        public int Width { get; init; } = 80;

        public ConsoleKeyInfo Read()
        {
            (ConsoleKeyInfo key, _hasMore) = _keys.Dequeue();
            return key;
        }

        public Keyboard Type(string text) => Put(text, pasted: false);

        public Keyboard Paste(string text) => Put(text, pasted: true);

        public Keyboard Press(params ConsoleKey[] keys)
        {
            foreach (ConsoleKey key in keys)
            {
                _keys.Enqueue((new ConsoleKeyInfo(key == ConsoleKey.Enter ? '\r' : '\0', key, false, false, false), false));
            }

            return this;
        }

        public Keyboard Press(ConsoleModifiers modifiers, ConsoleKey key)
        {
            _keys.Enqueue((new ConsoleKeyInfo(
                '\0', key, false, modifiers.HasFlag(ConsoleModifiers.Alt), modifiers.HasFlag(ConsoleModifiers.Control)), false));
            return this;
        }

        private Keyboard Put(string text, bool pasted)
        {
            for (int i = 0; i < text.Length; i++)
            {
                bool line = text[i] == '\n';
                _keys.Enqueue((
                    new ConsoleKeyInfo(line ? '\r' : text[i], line ? ConsoleKey.Enter : ConsoleKey.None, false, false, false),
                    pasted && i < text.Length - 1));
            }

            return this;
        }
    }
}
