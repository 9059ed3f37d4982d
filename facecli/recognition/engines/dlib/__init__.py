"""The engines `dlib` and `dlib-hog`, and the reading of dlib's weight files.

`engine` and `hog` implement the engines, `pyramid` the search for a face, `networks`,
`weights_format` and `values_format` turn dlib's files into ONNX. These files may import only
`engines`.
"""
