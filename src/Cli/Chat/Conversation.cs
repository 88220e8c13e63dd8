using System.Text;
using System.Text.Json.Nodes;

namespace XLLM.Cli.Chat;

/// <summary>The messages of a chat, and the model they are for.</summary>
internal sealed class Conversation
{
    public required string Model { get; set; }

    public JsonArray Messages { get; } = [];

    public void Add(string role, string content) => Messages.Add(new JsonObject { ["role"] = role, ["content"] = content });

    /// <summary>Drops the newest message.</summary>
    public void TakeBack() => Messages.RemoveAt(Messages.Count - 1);

    /// <summary>Forgets all but the system message.</summary>
    public void Reset()
    {
        for (int i = Messages.Count - 1; i >= 0; i--)
        {
            if ((string?)Messages[i]!["role"] != "system")
            {
                Messages.RemoveAt(i);
            }
        }
    }

    /// <summary>Sets the system message; null or empty = there is none.</summary>
    public void SetSystem(string? text)
    {
        if (Messages is [{ } first, ..] && (string?)first["role"] == "system")
        {
            Messages.RemoveAt(0);
        }

        if (!string.IsNullOrEmpty(text))
        {
            Messages.Insert(0, new JsonObject { ["role"] = "system", ["content"] = text });
        }
    }

    /// <summary>As Markdown, a heading a message.</summary>
    public string ToMarkdown()
    {
        StringBuilder text = new();
        foreach (JsonNode? message in Messages)
        {
            string role = (string?)message!["role"] switch { "user" => "You", "system" => "System", _ => Model };
            text.Append("## ").Append(role).Append("\n\n").Append((string?)message["content"]).Append("\n\n");
        }

        return text.ToString();
    }
}
