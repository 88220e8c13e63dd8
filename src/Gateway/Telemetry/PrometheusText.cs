using System.Globalization;
using System.Text;

namespace XLLM.Gateway.Telemetry;

/// <summary>Writes Prometheus' text format, version 0.0.4. One thread.</summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new(8192);

    /// <summary>Begins a family of samples.</summary>
    public void Family(string name, string type, string help) =>
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n')
            .Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    /// <summary>One sample; labels are name and value in turn.</summary>
    public void Sample(string name, double value, params ReadOnlySpan<string> labels)
    {
        _text.Append(name);
        for (int i = 0; i + 1 < labels.Length; i += 2)
        {
            _text.Append(i == 0 ? '{' : ',').Append(labels[i]).Append("=\"");
            AppendEscaped(labels[i + 1]);
            _text.Append('"');
        }

        _text.Append(labels.Length > 0 ? "} " : " ").Append(Number(value)).Append('\n');
    }

    /// <summary>A histogram's buckets, each with those below it, and its sum and count.</summary>
    public void Histogram(string name, Histogram histogram, string model) => Histogram(name, [histogram], ["model_name", model]);

    /// <summary>The sum of histograms with the same bounds; labels are name and value in turn.</summary>
    public void Histogram(string name, ReadOnlySpan<Histogram> parts, ReadOnlySpan<string> labels)
    {
        string[] bucket = [.. labels, "le", ""];
        IReadOnlyList<double> bounds = parts[0].Bounds;
        long total = 0;
        double sum = 0;
        for (int i = 0; i <= bounds.Count; i++)
        {
            foreach (Histogram part in parts)
            {
                total += part.CountOf(i);
            }

            bucket[^1] = i < bounds.Count ? Number(bounds[i]) : "+Inf";
            Sample(name + "_bucket", total, bucket);
        }

        foreach (Histogram part in parts)
        {
            sum += part.Sum;
        }

        Sample(name + "_sum", sum, labels);
        Sample(name + "_count", total, labels);
    }

    public override string ToString() => _text.ToString();

    private void AppendEscaped(string value)
    {
        foreach (char c in value)
        {
            _ = c switch
            {
                '\\' => _text.Append(@"\\"),
                '"' => _text.Append("\\\""),
                '\n' => _text.Append(@"\n"),
                _ => _text.Append(c),
            };
        }
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
