namespace Orleans.Runtime;

/// <summary>The method whose enumeration is wanted.</summary>
[GenerateSerializer]
internal sealed class EnumerationCall
{
    [Id(0)]
    public string Interface { get; set; } = "";

    [Id(1)]
    public string Method { get; set; } = "";

    [Id(2)]
    public object?[] Arguments { get; set; } = [];
}
