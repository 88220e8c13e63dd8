namespace XLLM.Runtime.Tests.Grains;

/// <summary>An exception that travels with its member.</summary>
[GenerateSerializer, Alias("tests.CustomException")]
public sealed class CustomException : Exception
{
    public CustomException(string message, int code)
        : base(message)
    {
        Code = code;
    }

    [Id(0)]
    public int Code { get; private set; }
}
