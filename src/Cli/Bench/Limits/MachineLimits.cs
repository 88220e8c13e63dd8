namespace XLLM.Cli.Bench.Limits;

/// <summary>What the machine can do at most: bytes read a second, int8 and float32 operations a second (a multiply and add are two).</summary>
internal readonly record struct MachineLimits(double BytesPerSecond, double Int8PerSecond, double Fp32PerSecond);
