namespace XLLM.Gateway.Console;

/// <summary>A file of the console, as it is sent.</summary>
/// <param name="ContentType">With its character set.</param>
/// <param name="Content">Bytes.</param>
/// <param name="Tag">Entity tag: changes with the content.</param>
internal sealed record ConsoleFile(string ContentType, ReadOnlyMemory<byte> Content, string Tag);
