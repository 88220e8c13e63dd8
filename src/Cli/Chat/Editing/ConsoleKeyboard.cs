namespace XLLM.Cli.Chat.Editing;

/// <summary>The keys of the console. While one is waited for, Ctrl-C is a key too.</summary>
internal sealed class ConsoleKeyboard : IKeyboard
{
    public bool HasMore => Console.KeyAvailable;

    public int Width => Math.Max(20, Console.WindowWidth);

    public ConsoleKeyInfo Read()
    {
        Console.TreatControlCAsInput = true;
        try
        {
            return Console.ReadKey(intercept: true);
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }
}
