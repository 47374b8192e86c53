using Essaim.Protocol;

namespace Essaim.Server;

/// <summary>The error in a result document, in a line.</summary>
internal static class ErrorText
{
    public static string Of(ResultDocument document)
    {
        try
        {
            return ExceptionDocument.Decode(document.Result).ToRepr();
        }
        catch (MessageFormatException)
        {
            return PythonRepr.Write(document.Result);
        }
    }
}
