namespace XLLM.Cli.Chat.Editing;

/// <summary>Keys as they are pressed.</summary>
internal interface IKeyboard
{
    /// <summary>Another key is there already: the text is being pasted.</summary>
    bool HasMore { get; }

    /// <summary>Columns of the terminal.</summary>
    int Width { get; }

    /// <summary>The next key; waits.</summary>
    ConsoleKeyInfo Read();
}
