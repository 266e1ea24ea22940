//! Request bodies: JSON, or multipart with `payload_json` and `files[n]`.

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::request::Parts;
use serde_json::Value;

use crate::error::ApiError;
use crate::limits;
use crate::validate::message::Upload;

/// Reads a body of any of the kinds. No body is `null`.
pub(crate) async fn read(parts: &Parts, body: Body) -> Result<(Value, Vec<Upload>), ApiError> {
    let bytes = axum::body::to_bytes(body, limits::REQUEST_BYTES).await.map_err(|_| ApiError::too_large())?;
    let kind = parts.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.starts_with("multipart/form-data") {
        return multipart(Request::from_parts(parts.clone(), Body::from(bytes))).await;
    }
    if bytes.is_empty() {
        return Ok((Value::Null, Vec::new()));
    }
    let json = serde_json::from_slice(&bytes).map_err(|_| ApiError::bad_json())?;
    Ok((json, Vec::new()))
}

async fn multipart(request: Request) -> Result<(Value, Vec<Upload>), ApiError> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| ApiError::bad_json())?;
    let mut json = Value::Null;
    let mut uploads = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|_| ApiError::bad_json())? {
        let name = field.name().unwrap_or_default().to_owned();
        let filename = field.file_name().map(str::to_owned);
        let content_type = field.content_type().unwrap_or("application/octet-stream").to_owned();
        let bytes = field.bytes().await.map_err(|_| ApiError::too_large())?;
        let index =
            name.strip_prefix("files[").and_then(|rest| rest.strip_suffix(']')).and_then(|n| n.parse().ok());
        match (name.as_str(), filename) {
            ("payload_json", _) => json = serde_json::from_slice(&bytes).map_err(|_| ApiError::bad_json())?,
            (_, Some(filename)) => {
                let index = index.unwrap_or(uploads.len() as u64);
                uploads.push(Upload { index, filename, content_type, bytes: bytes.to_vec() });
            }
            _ => {}
        }
    }
    if json.is_null() {
        json = Value::Object(serde_json::Map::new());
    }
    Ok((json, uploads))
}
