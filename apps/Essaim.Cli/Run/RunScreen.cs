using System.Globalization;
using System.Text;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary>
/// A run's output as it comes: its stdout on ours, its stderr on ours. On a terminal what could steer the terminal is shown, not obeyed, and
/// progress is one line that changes.
/// </summary>
internal sealed class RunScreen(CommandOutput output) : IDisposable
{
    private const string ClearLine = "\r\u001b[K";
    private readonly Lock _lock = new();
    private readonly Stream _out = Console.OpenStandardOutput();
    private readonly Stream _error = Console.OpenStandardError();
    private readonly Decoder _outText = Encoding.UTF8.GetDecoder();
    private readonly Decoder _errorText = Encoding.UTF8.GetDecoder();
    private string _progress = "";
    private int _tenth = -1;

    /// <summary>Shows something a run said. Safe on all threads.</summary>
    public void Show(RunOutput what)
    {
        lock (_lock)
            ShowNow(what);
    }

    /// <summary>A line about the run. Safe on all threads.</summary>
    public void Say(string line)
    {
        lock (_lock)
            Talk(line);
    }

    public void Dispose()
    {
        lock (_lock)
            Clear();
        _out.Dispose();
        _error.Dispose();
    }

    private void ShowNow(RunOutput what)
    {
        switch (what)
        {
            case RunText text:
                Clear();
                // JSON on stdout is for a script: what the run prints goes beside it.
                Write(text.Bytes, text.IsError || output.IsJson, text.IsError);
                break;
            case RunGap gap:
                Talk($"… {gap.Bytes.ToString(CultureInfo.InvariantCulture)} bytes of the log were not kept …");
                break;
            case RunProgress progress:
                ShowProgress(progress);
                break;
            case RunNote note:
                Talk(note.Text);
                break;
            case RunLogLine line:
                Talk($"{line.Level}: {line.Text}");
                break;
            case RunAdvice advice:
                foreach (Finding finding in advice.Findings)
                    Talk($"note: line {finding.Line}: {finding.Message}");
                break;
        }
    }

    private void Write(ReadOnlyMemory<byte> bytes, bool toError, bool isError)
    {
        Stream target = toError ? _error : _out;
        bool terminal = toError ? !Console.IsErrorRedirected : !Console.IsOutputRedirected;
        if (terminal)
        {
            Decoder decoder = isError ? _errorText : _outText;
            char[] text = new char[decoder.GetCharCount(bytes.Span, flush: false)];
            decoder.GetChars(bytes.Span, text, flush: false);
            target.Write(Encoding.UTF8.GetBytes(PlainText.Of(new string(text))));
        }
        else
        {
            target.Write(bytes.Span);
        }

        target.Flush();
    }

    private void ShowProgress(RunProgress progress)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{progress.Fraction * 100,3:0} % {progress.Text}").TrimEnd();
        int tenth = (int)(progress.Fraction * 10);
        if (output.IsWatched)
        {
            _progress = line.ReplaceLineEndings(" ");
            Console.Error.Write(ClearLine + _progress);
        }
        else if (tenth != _tenth)
        {
            output.Say(line);
        }

        _tenth = tenth;
    }

    private void Talk(string line)
    {
        Clear();
        output.Say(line);
    }

    private void Clear()
    {
        if (_progress.Length > 0)
            Console.Error.Write(ClearLine);
        _progress = "";
    }
}
