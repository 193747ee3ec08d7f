using System.Text.Json;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Storage;

/// <summary>Reads the settings column of one query's rows. Runs of a job mostly have the settings of the one before, and to
/// parse them is most of what a page of history costs: who has the same text is given the same object.</summary>
/// <remarks>Not safe for threads.</remarks>
internal sealed class SettingsReader
{
    private string? _text;
    private RunSettings? _settings;

    public RunSettings Read(string text)
    {
        if (_settings is null || text != _text)
        {
            _settings = JsonSerializer.Deserialize(text, RunSettingsJson.Compact.RunSettings)!;
            _text = text;
        }

        return _settings;
    }
}
