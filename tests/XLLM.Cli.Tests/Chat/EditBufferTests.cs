using XLLM.Cli.Chat.Editing;

namespace XLLM.Cli.Tests.Chat;

public sealed class EditBufferTests
{
    private readonly EditBuffer _buffer = new();

    [Fact]
    public void Characters_are_moved_over_and_deleted_whole()
    {
        _buffer.Set("aé👍🏽b");
        _buffer.Left();
        _buffer.Left();
        Assert.Equal(2, _buffer.Cursor);
        _buffer.Delete();
        Assert.Equal("aéb", _buffer.Text);
        _buffer.Set("e\u0301x");
        _buffer.Left();
        _buffer.Backspace();
        Assert.Equal("x", _buffer.Text);
    }

    [Fact]
    public void Lines_are_gone_through_at_the_same_column()
    {
        _buffer.Set("long line\nab\nanother");
        Assert.True(_buffer.Up());
        Assert.Equal("long line\nab".Length, _buffer.Cursor);
        Assert.True(_buffer.Up());
        Assert.Equal(2, _buffer.Cursor);
        Assert.False(_buffer.Up());
        Assert.True(_buffer.Down());
        Assert.True(_buffer.Down());
        Assert.Equal("long line\nab\nan".Length, _buffer.Cursor);
        Assert.False(_buffer.Down());
        _buffer.Home();
        Assert.Equal("long line\nab\n".Length, _buffer.Cursor);
    }

    [Fact]
    public void Words_and_parts_of_lines_are_deleted()
    {
        _buffer.Set("one two_x  three");
        _buffer.DeleteWordBefore();
        Assert.Equal("one two_x  ", _buffer.Text);
        _buffer.WordLeft();
        Assert.Equal(4, _buffer.Cursor);
        _buffer.DeleteToLineEnd();
        Assert.Equal("one ", _buffer.Text);
        _buffer.DeleteToLineBegin();
        Assert.True(_buffer.IsEmpty);
    }

    [Fact]
    public void At_the_ends_nothing_happens()
    {
        _buffer.Left();
        _buffer.Right();
        _buffer.Backspace();
        _buffer.Delete();
        _buffer.WordLeft();
        _buffer.WordRight();
        _buffer.DeleteWordBefore();
        Assert.Equal((0, ""), (_buffer.Cursor, _buffer.Text));
    }
}
