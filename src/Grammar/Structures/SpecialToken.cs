namespace XLLM.Grammar.Structures;

/// <summary>
/// How a special token is spelled for machines, which know bytes alone: its id between two bytes that no UTF-8 text has. So no
/// text machine takes it, and a structure that wants it wants these bytes.
/// </summary>
internal static class SpecialToken
{
    private const byte Open = 0xFF;
    private const byte Close = 0xFE;

    public static byte[] Spell(int id) =>
        [Open, (byte)(0x80 | (id >> 24 & 0x3F)), (byte)(0x80 | (id >> 18 & 0x3F)), (byte)(0x80 | (id >> 12 & 0x3F)),
            (byte)(0x80 | (id >> 6 & 0x3F)), (byte)(0x80 | (id & 0x3F)), Close];
}
