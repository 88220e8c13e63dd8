namespace Orleans.Serialization;

internal static class DecimalBits
{
    public static UInt128 To(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        return new UInt128(
            ((ulong)(uint)parts[3] << 32) | (uint)parts[2], ((ulong)(uint)parts[1] << 32) | (uint)parts[0]);
    }

    public static decimal From(UInt128 bits)
    {
        var (high, low) = ((ulong)(bits >> 64), (ulong)bits);
        return new decimal([unchecked((int)low), (int)(low >> 32), unchecked((int)high), (int)(high >> 32)]);
    }
}
