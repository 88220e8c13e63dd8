using System.Text;
using XLLM.Grammar.Text;
using XLLM.Grammar.Tokens;

namespace XLLM.Grammar.Machine;

/// <summary>Plain UTF-8 text that a text machine takes: patterns and choices.</summary>
internal sealed class PlainMachine(TextMachine machine, Gate gate) : ByteMachine
{
    public override Cursor Start => default;

    public override bool Step(ref Cursor cursor, byte b)
    {
        switch (CharDecoder.Step(ref cursor.Char, b, false, out int codePoint))
        {
            case CharStep.Complete:
                cursor.State = machine.Automaton.Step(cursor.State, codePoint);
                cursor.Node = machine.Trie.Step(cursor.Node, codePoint);
                return machine.Live(cursor.Node, cursor.State, gate);
            case CharStep.Pending:
                CharDecoder.Ranges(cursor.Char, out int first, out int last, out _, out _);
                return machine.LiveWithin(cursor.Node, cursor.State, gate, first, last);
            default:
                return false;
        }
    }

    public override bool Accepts(in Cursor cursor) => cursor.Char == 0 && machine.Admits(cursor.Node, cursor.State, gate);

    public override byte[]? Complete(in Cursor cursor, int maxBytes)
    {
        List<byte> text = [];
        Cursor at = cursor;
        while (at.Char != 0)
        {
            byte b = 0x80;
            Cursor next = at;
            while (!Step(ref next, b))
            {
                next = at;
                if (++b > 0xBF)
                {
                    return null;
                }
            }

            text.Add(b);
            at = next;
        }

        List<int>? word = ShortWord.Find(
            machine, at.Node, at.State, 0,
            (node, state, _) => machine.Admits(node, state, gate), (node, state, _) => machine.Live(node, state, gate));
        if (word is null)
        {
            return null;
        }

        text.AddRange(Encoding.UTF8.GetBytes(string.Concat(word.Select(char.ConvertFromUtf32))));
        return text.Count <= maxBytes ? [.. text] : null;
    }

    public override RowKey KeyOf(in Cursor cursor, TokenTables tokens) =>
        new(0, 0, 0, cursor.State, cursor.Node, 0, cursor.Char, 0, null);
}
